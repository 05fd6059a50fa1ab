"""Groups of callables that exercises forbid; each grader puts its own list together from them."""

from __future__ import annotations

from autograder.sandbox.wire.messages import ForbiddenRules


def _spellings(*names: str) -> tuple[str, ...]:
    """Where torch offers an operation: as a function, in F, in special, and as a tensor's method."""
    homes = ("torch", "torch.nn.functional", "torch.special", "torch.Tensor", "torch._C._VariableFunctions")
    return tuple(f"{home}.{name}" for name in names for home in homes)


SOFTMAXES = ForbiddenRules(
    functions=(*_spellings(
        "softmax", "log_softmax", "softmin", "cross_entropy", "logsumexp", "logaddexp", "logaddexp2", "logcumsumexp",
        "gumbel_softmax", "scaled_dot_product_attention", "nll_loss",
    ), "torch._softmax", "torch._log_softmax", "torch.sparse.softmax", "torch.sparse.log_softmax"),
    operators=(
        "_softmax", "softmax", "_log_softmax", "log_softmax", "logsumexp", "logaddexp", "logaddexp2", "_safe_softmax",
        "logcumsumexp", "_logcumsumexp", "cross_entropy_loss", "nll_loss_forward", "_softmax_backward_data",
        "_log_softmax_backward_data", "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_attention_math", "masked_softmax", "_masked_softmax",
    ),
    modules=(
        "torch.nn.modules.activation.Softmax", "torch.nn.modules.activation.LogSoftmax",
        "torch.nn.modules.activation.Softmin", "torch.nn.modules.loss.CrossEntropyLoss",
        "torch.nn.modules.loss.NLLLoss", "torch.nn.modules.adaptive.AdaptiveLogSoftmaxWithLoss",
        "torch.nn.modules.activation.MultiheadAttention",
    ),
)  # fmt: skip

AUTOGRAD = ForbiddenRules(
    functions=("torch.Tensor.backward",),
    entry_points=(
        "torch.autograd.grad", "torch.autograd.backward", "torch.autograd.graph._engine_run_backward",
        "torch.autograd._engine_run_backward", "torch.Tensor.backward", "torch.autograd.functional.jacobian",
        "torch.autograd.functional.vjp", "torch.autograd.functional.jvp", "torch.autograd.functional.hessian",
        "torch.autograd.forward_ad.make_dual", "torch.func.grad", "torch.func.grad_and_value", "torch.func.vjp",
        "torch.func.jvp", "torch.func.jacrev", "torch.func.jacfwd", "torch.func.hessian", "torch.func.linearize",
    ),
)  # fmt: skip

OPTIMIZERS = ForbiddenRules(
    functions=("torch._fused_sgd_", "torch._fused_adam_", "torch._fused_adamw_"),
    operators=("_fused_sgd_", "_fused_adam_", "_fused_adamw_"),
    entry_points=("torch.optim.Optimizer.__init__", "torch.optim.sgd.sgd", "torch.optim.adam.adam"),
)


LAYERS = ForbiddenRules(
    functions=tuple(f"torch.nn.functional.{name}" for name in (
        "linear", "bilinear", "cross_entropy", "nll_loss", "kl_div", "mse_loss", "l1_loss", "smooth_l1_loss",
        "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "poisson_nll_loss",
        "gaussian_nll_loss", "soft_margin_loss", "multi_margin_loss", "multilabel_margin_loss",
        "multilabel_soft_margin_loss", "hinge_embedding_loss", "margin_ranking_loss", "cosine_embedding_loss",
        "triplet_margin_loss",
    )),
    operators=("linear", "cross_entropy_loss", "nll_loss_forward", "binary_cross_entropy", "mse_loss"),
    modules=("torch.nn.modules.", "torch.ao.nn."),
    # Softmax layers and plain containers are no layers in the sense of the exercise.
    allowed_modules=(
        "torch.nn.modules.module.Module", "torch.nn.modules.container.", "torch.nn.modules.activation.Softmax",
        "torch.nn.modules.activation.LogSoftmax",
    ),
)  # fmt: skip


def combine(*groups: ForbiddenRules) -> ForbiddenRules:
    """All that any of the groups forbids."""
    return ForbiddenRules(
        functions=tuple(name for group in groups for name in group.functions),
        operators=tuple(name for group in groups for name in group.operators),
        modules=tuple(name for group in groups for name in group.modules),
        entry_points=tuple(name for group in groups for name in group.entry_points),
        allowed_modules=tuple(name for group in groups for name in group.allowed_modules),
    )
