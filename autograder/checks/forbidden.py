"""Groups of callables that exercises forbid; each grader combines the groups that it needs."""

from __future__ import annotations

from autograder.sandbox.wire.messages import ForbiddenRules


def _spellings(*names: str) -> tuple[str, ...]:
    """All names under which torch offers an operation: in torch, F and torch.special, and as a method of a tensor."""
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
    # The exercise does not count softmax layers and plain containers as layers.
    allowed_modules=(
        "torch.nn.modules.module.Module", "torch.nn.modules.container.", "torch.nn.modules.activation.Softmax",
        "torch.nn.modules.activation.LogSoftmax",
    ),
)  # fmt: skip

DROPOUTS = ForbiddenRules(
    functions=(*_spellings(
        "dropout", "dropout_", "native_dropout", "alpha_dropout", "alpha_dropout_", "feature_dropout",
        "feature_dropout_", "feature_alpha_dropout", "feature_alpha_dropout_", "dropout1d", "dropout2d", "dropout3d",
    ), "torch._fused_dropout", *(f"torch.ops.aten.{name}{overload}" for overload in ("", ".default") for name in (
        "dropout", "dropout_", "native_dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout",
    ))),
    operators=("native_dropout", "_fused_dropout"),
    modules=("torch.nn.modules.dropout.",),
)  # fmt: skip

NORMALIZATIONS = ForbiddenRules(
    functions=(*_spellings(
        "batch_norm", "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
        "_batch_norm_impl_index", "batch_norm_stats", "batch_norm_elemt", "batch_norm_update_stats",
        "batch_norm_gather_stats", "batch_norm_gather_stats_with_counts", "cudnn_batch_norm", "miopen_batch_norm",
        "instance_norm", "layer_norm", "native_layer_norm", "group_norm", "native_group_norm", "rms_norm",
        "_fused_rms_norm",
    ), *(f"torch.ops.aten.{name}" for name in ("batch_norm", "instance_norm", "layer_norm", "group_norm", "rms_norm"))),
    operators=(
        "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
        "_batch_norm_with_update", "_batch_norm_with_update_functional", "_batch_norm_no_update", "batch_norm_stats",
        "batch_norm_elemt", "batch_norm_update_stats", "native_layer_norm", "native_group_norm", "_fused_rms_norm",
    ),
    modules=(
        "torch.nn.modules.batchnorm.", "torch.nn.modules.instancenorm.", "torch.nn.modules.normalization.",
        "torch.ao.nn.",
    ),
)  # fmt: skip


ATTENTION = ForbiddenRules(
    functions=(
        "torch.nn.functional.scaled_dot_product_attention", "torch.nn.functional.multi_head_attention_forward",
        "torch._scaled_dot_product_attention_math", "torch._native_multi_head_attention",
        "torch._transformer_encoder_layer_fwd", "torch._triton_multi_head_attention",
        "torch._triton_scaled_dot_attention", "torch.ops.aten.scaled_dot_product_attention",
        "torch.ops.aten.scaled_dot_product_attention.default", "torch.ops.aten._scaled_dot_product_attention_math",
        "torch.ops.aten._scaled_dot_product_attention_math.default",
    ),
    operators=(
        "scaled_dot_product_attention", "_scaled_dot_product_attention_math", "_scaled_dot_product_flash_attention",
        "_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_efficient_attention",
        "_scaled_dot_product_cudnn_attention", "_scaled_dot_product_fused_attention_overrideable",
        "_flash_attention_forward", "_efficient_attention_forward", "_native_multi_head_attention",
        "_transformer_encoder_layer_fwd", "_triton_multi_head_attention", "_triton_scaled_dot_attention",
        "_safe_softmax",  # only scaled_dot_product_attention calls this softmax
    ),
    modules=(
        "torch.nn.modules.activation.MultiheadAttention", "torch.nn.modules.transformer.", "torch.ao.nn.",
        "timm.", "torchvision.models.", "transformers.", "xformers.", "flash_attn.", "vit_pytorch.",
    ),
    entry_points=("torch.nn.attention.flex_attention.flex_attention",),
)  # fmt: skip


def combine(*groups: ForbiddenRules) -> ForbiddenRules:
    """The union of the groups: whatever one of them forbids is forbidden.

    >>> "torch.Tensor.backward" in combine(SOFTMAXES, AUTOGRAD).functions
    True
    """
    return ForbiddenRules(
        functions=tuple(name for group in groups for name in group.functions),
        operators=tuple(name for group in groups for name in group.operators),
        modules=tuple(name for group in groups for name in group.modules),
        entry_points=tuple(name for group in groups for name in group.entry_points),
        allowed_modules=tuple(name for group in groups for name in group.allowed_modules),
    )
