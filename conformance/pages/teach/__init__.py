"""The teaching page: the specification to press buttons in, made by running the reference.

`lessons` says in which small worlds, `transitions` performs every step in every state there,
`citing` finds the clauses that speak of a step, `compared` does the same steps on other
implementations, and `page` puts it all into one file.
"""
