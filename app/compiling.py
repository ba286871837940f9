"""How templates become code: what pages do dozens of times goes the shortest way. They mean what Jinja's manual says they mean."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro


class Calls(Context):
    """Jinja's context, which does not ask of each macro and plain function again what it wants to be told of the page."""

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:
        """Return what *called* returns, as Jinja's own does."""
        kind = type(called)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in (FunctionType, MethodType) or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*args, **named)


class Sentences(CodeGenerator):
    """Jinja's compiler, which lets a page ask `environment.said` for a sentence that stands in the template as it is."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - Jinja's
        """Write `_("…", name=value)` as one call; all others as Jinja does."""
        if not _is_sentence(node) or not frame.eval_ctx.autoescape or frame.eval_ctx.volatile:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.said(")
        self.visit(node.args[0], frame)
        self.write(", {")
        for given in node.kwargs:
            self.write(f"{given.key!r}: ")
            self.visit(given.value, frame)
            self.write(", ")
        self.write("})")


def _is_sentence(node: nodes.Call) -> bool:
    named = isinstance(node.node, nodes.Name) and node.node.name == "_"
    return named and not node.dyn_args and not node.dyn_kwargs and [type(each) for each in node.args] == [nodes.Const]
