"""The course's experiments as recipes: `python -m autograder.experiments list`.

An experiment trains several variants of one thing on the same examples, from the same seed, and draws their curves side by
side. The code that it runs, networks and training functions, is yours: the exercises that you solved, or a teacher's
solutions. It runs in this process, as it does in a notebook, and not in a worker: nothing is graded here, and it is
your own. So do not point `--from` at the folder of somebody whom you do not trust.

- `recipes/`: what is compared. One module for each part of the course; start reading there.
- `recipe.py`: what a recipe is made of; `findings.py`: what was reported, and the rule that says whether it is seen here.
- `code.py`, `data.py`, `batches.py`, `learners.py`: your code, the images, and what trains one on the other.
- `running.py`, `checkpoints.py`: the loop over variants and epochs, which a killed run takes up where it was.
- `palette.py`, `figures.py`, `report.py`: what comes out.
"""
