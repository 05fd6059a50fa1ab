"""The course's experiments as recipes: `python -m autograder.experiments list`.

An experiment trains several variants of a model on the same examples, from the same seed, and draws their curves side by
side. The networks and training functions are yours: the exercises that you solved, or a teacher's solutions. They run in
this process, as in a notebook, and not in a worker, since nothing is graded here. So do not use `--from` with code from
somebody whom you do not trust.

- `recipes/`: the experiments, one module for each part of the course. Start reading there.
- `recipe.py`: the parts of a recipe; `findings.py`: the reported effects, and the rules that decide whether they are seen.
- `code.py`, `data.py`, `batches.py`, `learners.py`: your code, the images, and the training.
- `running.py`, `checkpoints.py`: the loop over variants and epochs, which continues an interrupted run.
- `palette.py`, `figures.py`, `report.py`: the output.
"""
