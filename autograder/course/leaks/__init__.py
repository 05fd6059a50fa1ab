"""Whether something that goes out holds what must not: an answer, a variant, a mistake's code, a mark scheme.

`secrets` reads what is secret, `places` takes apart what goes out, `code`, `text` and `bytecode` make both comparable,
`names` knows what never goes out whatever is in it, `allowed` the exceptions, and `scan` compares.
"""
