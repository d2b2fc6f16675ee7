"""Do the types of a workflow's connections fit? flytekit leaves that question to the cluster; this answers it here.

make typecheck PROJECT=x

casts.py       which type may be stored in which: the rules of Flyte's compiler
schemas.py     which data class may be given for which
literals.py    the type of a constant
scope.py       what the nodes of a workflow take and give
bindings.py    one connection
branches.py    the conditions and the cases of a branch
checker.py     every connection of a serialised graph, against those rules
lost_calls.py  calls that flytekit drops from the graph
lines.py       where in the lesson's source a node was made
package.py     the modules of a lesson's package, imported
lesson.py      every workflow and launch plan that they define
"""
