"""Trains the first lesson's model in plain scikit-learn, without Flyte; start.py compares the lesson with it."""

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from workshop import penguins

train, test = train_test_split(penguins.load_measured(), test_size=0.2, random_state=42)
model = LogisticRegression(C=0.1, max_iter=5000, tol=0.01).fit(train[penguins.FEATURES], train[penguins.TARGET])
for part in (train, test):
    print(model.score(part[penguins.FEATURES], part[penguins.TARGET]))
