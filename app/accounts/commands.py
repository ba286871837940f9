"""`flask create-admin`: the first account of an install; the password is a line on standard input, never an argument.

`flask end-second-factor`: for the only administrator who lost it. Who runs commands on the machine
could do all that anyway; it is recorded.

`flask agree-to-role`: for an administrator beside whom nobody is left who could agree to a role that two have to give.
"""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app import clock
from app.access import SYSTEM
from app.accounts import agreeing, operations, passwords, resets, rights
from app.accounts.forms import TOO_EASY
from app.accounts.models import RoleRequest
from app.accounts.queries import user_by_email
from app.database import db
from app.units.models import UnitKind
from app.units.operations import UnitFacts, create_root
from app.units.queries import root_units


@click.command("create-admin")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--form-of-address", type=click.Choice(["ông", "bà"]), default="ông", show_default=True)
@with_appcontext
def create_admin(name: str, email: str, form_of_address: str) -> None:
    """Make an administrator of the whole install; set-up on the site then says whose install it is."""
    password = sys.stdin.readline().rstrip("\n")
    if not name.strip() or "@" not in email:
        raise click.ClickException("Cần họ tên và địa chỉ e-mail. (A name and an e-mail address are needed.)")
    try:
        passwords.check(password, own_words=[name, email, email.partition("@")[0]])
    except passwords.PasswordTooEasy as refusal:
        raise click.ClickException(f"{TOO_EASY[refusal.why]}. ({refusal.why})") from refusal
    digest = passwords.digest(password)
    now = clock.now()
    roots = root_units()
    unit = roots[0] if roots else create_root(_unnamed(), actor=SYSTEM, now=now)
    try:
        operations.create_administrator(
            name=name.strip(), email=email, form_of_address=form_of_address, digest=digest, unit=unit, actor=SYSTEM, now=now
        )
    except operations.EmailTaken as error:
        raise click.ClickException("E-mail này đã có tài khoản. (This e-mail has an account.)") from error
    db.session.commit()


@click.command("end-second-factor")
@click.option("--email", required=True)
@with_appcontext
def end_second_factor(email: str) -> None:
    """Let somebody sign in by the password alone once more, and end all their sessions."""
    user = user_by_email(email)
    if user is None:
        raise click.ClickException("Không có tài khoản với e-mail này. (No account has this e-mail.)")
    resets.end_from_outside(user, actor=SYSTEM, now=clock.now())
    db.session.commit()
    click.echo(
        f"{user.name}: đã bỏ xác nhận hai bước, đăng xuất mọi máy; đăng nhập bằng mật khẩu rồi đặt lại."
        "\n(The second factor and all sessions are ended; the password signs in, then set up a new one.)"
    )


@click.command("agree-to-role")
@click.option("--request", "number", type=int, required=True, help="as the page of what was asked says")
@with_appcontext
def agree_to_role(number: int) -> None:
    """Agree, from the machine, to a role that somebody asked for and nobody else is left to agree to."""
    row = db.session.get(RoleRequest, number)
    if row is None:
        raise click.ClickException("Không có đề nghị này. (There is no such request.)")
    try:
        grant = agreeing.agree_from_outside(row, today=clock.today(), now=clock.now())
    except agreeing.DecidedAlready as refusal:
        raise click.ClickException("Đề nghị này không còn hiệu lực. (This request is no longer open.)") from refusal
    except (rights.GrantOverlaps, rights.OverBeforeItHolds) as refusal:
        raise click.ClickException("Cần đề nghị lại với ngày khác. (It has to be asked anew, with other days.)") from refusal
    db.session.commit()
    click.echo(f"{row.user.name}: {row.role}, {grant.starts_on.isoformat()}")


def _unnamed() -> UnitFacts:
    """Return the unit at the top until set-up gives it its name."""
    name = "Cơ quan chưa đặt tên"
    today = clock.today()
    return UnitFacts(code="goc", name=name, short_name=name, kind=UnitKind.GOVERNMENT, level="province", valid_from=today)
