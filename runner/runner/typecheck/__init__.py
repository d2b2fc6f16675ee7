"""Do the types of a workflow's connections fit? flytekit leaves that question to the cluster; this answers it here.

python -m runner.typecheck PROJECT_FOLDER

casts.py     which type may be stored in which: the rules of Flyte's compiler
literals.py  the type of a constant
words.py     a type as a reader of Python would write it
checker.py   every connection of a serialised graph, against those rules
lines.py     where in the lesson's source a node was made
lesson.py    every workflow and launch plan of a lesson's package
"""
