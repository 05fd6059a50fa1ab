"""Reads a fitted support vector classifier, and makes one of our own for a student's function to use.

scikit-learn is imported when it is needed: every worker has this module, and few need that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FITTED = ("support_vectors_", "dual_coef_", "intercept_", "classes_", "n_support_", "shape_fit_")


def fit(X: NDArray[Any], y: NDArray[Any], kernel: str, C: float) -> Any:
    """A `sklearn.svm.SVC` fitted on (n, features) and (n,)."""
    from sklearn.svm import SVC

    return SVC(kernel=kernel, C=C).fit(X, y)


def settings(classifier: Any) -> dict[str, Any] | None:
    """Every setting of an SVC by its name, also of a subclass that hides some; None for what is no SVC."""
    from sklearn.svm import SVC

    if not isinstance(classifier, SVC):
        return None
    return {name: getattr(classifier, name, None) for name in SVC().get_params()}


def fitted_arrays(classifier: Any) -> dict[str, Any] | None:
    """What fitting gave an SVC, with the number that gamma came to; None before `fit`."""
    if not hasattr(classifier, "support_vectors_"):
        return None
    found = {name: getattr(classifier, name) for name in _FITTED}
    return found | {"gamma": float(np.asarray(classifier._gamma))}
