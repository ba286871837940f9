"""`python3 run.py bench`: how much one request costs, from a thousand items to millions, as a ratio to a bare reference beside it.

* growing.py writes the demo's matters again and again until the province is as large as asked for;
* reference.py is what the site is compared with; serving.py runs both; client.py asks both; works.py says for what;
* rounds.py measures, interleaved; results.py writes down what came out.
"""
