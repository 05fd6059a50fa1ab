"""Reads a student's fitted support vector classifier, and fits one for a student's function to use.

scikit-learn is imported on demand: every worker loads this module, and few need scikit-learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FITTED = ("support_vectors_", "dual_coef_", "intercept_", "classes_", "n_support_", "shape_fit_")


def fit(X: NDArray[Any], y: NDArray[Any], kernel: str, C: float) -> Any:
    """A `sklearn.svm.SVC` fitted on X of shape (n, features) and y of shape (n,)."""
    from sklearn.svm import SVC

    return SVC(kernel=kernel, C=C).fit(X, y)


def settings(classifier: Any) -> dict[str, Any] | None:
    """All settings of an SVC by name, even those that a subclass hides; None for anything that is not an SVC."""
    from sklearn.svm import SVC

    if not isinstance(classifier, SVC):
        return None
    return {name: getattr(classifier, name, None) for name in SVC().get_params()}


def fitted_arrays(classifier: Any) -> dict[str, Any] | None:
    """The attributes that `fit` sets on an SVC, and the numeric value of gamma; None before `fit`."""
    if not hasattr(classifier, "support_vectors_"):
        return None
    arrays = {name: getattr(classifier, name) for name in _FITTED}
    return arrays | {"gamma": float(np.asarray(classifier._gamma))}
