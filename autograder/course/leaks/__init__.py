"""The leak scan: looks for solutions, variants, mistakes and mark schemes in files that are handed out.

`secrets` collects what is secret. `places` takes files apart into texts and compiled code. `code`, `text` and `bytecode`
turn both into comparable fragments. `names` lists the files that are never handed out, whatever they contain, and `allowed`
the exceptions. `scan` compares.
"""
