"""Groups of callables that exercises forbid; each grader combines the groups that it needs."""

from __future__ import annotations

from autograder.sandbox.wire.messages import ForbiddenRules

LIBRARIES = ("scipy", "sklearn", "skimage", "cv2", "torchvision", "timm", "transformers", "xformers", "flash_attn",
             "vit_pytorch", "torchmetrics", "lightning", "jax", "tensorflow", "keras")  # fmt: skip
"""Packages that have ready what an exercise asks to be written by hand."""


def _spellings(*names: str) -> tuple[str, ...]:
    """All names under which torch offers an operation: in torch, F and torch.special, and as a method of a tensor."""
    homes = (
        "torch", "torch.nn.functional", "torch.special", "torch.Tensor", "torch._C._VariableFunctions", "torch._refs",
        "torch._refs.nn.functional", "torch._refs.special",
    )  # fmt: skip
    return tuple(f"{home}.{name}" for name in names for home in homes)


SOFTMAXES = ForbiddenRules(
    functions=(*_spellings(
        "softmax", "log_softmax", "softmin", "cross_entropy", "logsumexp", "logaddexp", "logaddexp2", "logcumsumexp",
        "gumbel_softmax", "scaled_dot_product_attention", "nll_loss",
    ), "torch._softmax", "torch._log_softmax", "torch.sparse.softmax", "torch.sparse.log_softmax",
       "torch.nn.functional.multi_head_attention_forward", "numpy.logaddexp", "numpy.logaddexp2", "scipy.special.softmax",
       "scipy.special.log_softmax", "scipy.special.logsumexp", "sklearn.utils.extmath.softmax",
       "sklearn.neural_network._base.inplace_softmax"),
    operators=(
        "_softmax", "softmax", "_log_softmax", "log_softmax", "logsumexp", "logaddexp", "logaddexp2", "_safe_softmax",
        "logcumsumexp", "_logcumsumexp", "cross_entropy_loss", "nll_loss_forward", "_softmax_backward_data",
        "_log_softmax_backward_data", "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_attention_math", "_masked_softmax", "scaled_dot_product_attention", "_sparse_softmax",
        "_sparse_log_softmax", "_nested_tensor_softmax_with_shape", "_native_multi_head_attention",
        "_transformer_encoder_layer_fwd", "_triton_multi_head_attention", "_triton_scaled_dot_attention",
    ),
    modules=(
        "torch.nn.modules.activation.Softmax", "torch.nn.modules.activation.LogSoftmax",
        "torch.nn.modules.activation.Softmin", "torch.nn.modules.loss.CrossEntropyLoss",
        "torch.nn.modules.loss.NLLLoss", "torch.nn.modules.adaptive.AdaptiveLogSoftmaxWithLoss",
        "torch.nn.modules.activation.MultiheadAttention",
    ),
    packages=LIBRARIES,
)  # fmt: skip

AUTOGRAD = ForbiddenRules(
    functions=("torch.Tensor.backward",),
    operators=("_make_dual",),
    entry_points=(
        "torch.autograd.grad", "torch.autograd.backward", "torch.autograd.graph._engine_run_backward",
        "torch.autograd._engine_run_backward", "torch.Tensor.backward", "torch.autograd.functional.jacobian",
        "torch.autograd.functional.vjp", "torch.autograd.functional.jvp", "torch.autograd.functional.hessian",
        "torch.autograd.forward_ad.make_dual", "torch.func.grad", "torch.func.grad_and_value", "torch.func.vjp",
        "torch.func.jvp", "torch.func.jacrev", "torch.func.jacfwd", "torch.func.hessian", "torch.func.linearize",
    ),
    packages=LIBRARIES,
    backward=True,
)  # fmt: skip

OPTIMIZERS = ForbiddenRules(
    functions=("torch._fused_sgd_", "torch._fused_adam_", "torch._fused_adamw_", "torch._fused_adagrad_"),
    operators=tuple(f"_fused_{name}{end}" for name in ("sgd", "adam", "adamw", "adagrad") for end in ("", "_")),
    entry_points=("torch.optim.Optimizer.__init__", *(
        f"torch.optim.{module}.{name}"
        for module, optimizer in {
            "adadelta": "Adadelta", "adagrad": "Adagrad", "adam": "Adam", "adamax": "Adamax", "adamw": "AdamW",
            "asgd": "ASGD", "nadam": "NAdam", "radam": "RAdam", "rmsprop": "RMSprop", "rprop": "Rprop", "sgd": "SGD",
            "lbfgs": "LBFGS", "sparse_adam": "SparseAdam",
        }.items()
        for name in (module, f"_single_tensor_{module}", f"_multi_tensor_{module}", f"{optimizer}.step")
    )),
)  # fmt: skip

LAYERS = ForbiddenRules(
    functions=tuple(f"{home}.{name}" for home in ("torch.nn.functional", "torch._refs.nn.functional") for name in (
        "linear", "bilinear", "cross_entropy", "nll_loss", "kl_div", "mse_loss", "l1_loss", "smooth_l1_loss",
        "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "poisson_nll_loss",
        "gaussian_nll_loss", "soft_margin_loss", "multi_margin_loss", "multilabel_margin_loss",
        "multilabel_soft_margin_loss", "hinge_embedding_loss", "margin_ranking_loss", "cosine_embedding_loss",
        "triplet_margin_loss",
    )),
    operators=(
        "linear", "mkldnn_linear", "_mkl_linear", "_linear_pointwise", "bilinear", "cross_entropy_loss", "nll_loss",
        "nll_loss_nd", "nll_loss_forward", "nll_loss2d_forward", "nll_loss_backward", "binary_cross_entropy",
        "binary_cross_entropy_with_logits", "mse_loss", "mse_loss_backward", "l1_loss", "smooth_l1_loss", "huber_loss",
        "kl_div", "poisson_nll_loss", "soft_margin_loss", "multi_margin_loss", "multilabel_margin_loss_forward",
        "hinge_embedding_loss", "margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss",
    ),
    modules=("torch.nn.modules.", "torch.ao.nn."),
    # The exercise does not count softmax layers and plain containers as layers.
    allowed_modules=(
        "torch.nn.modules.module.Module", "torch.nn.modules.container.", "torch.nn.modules.activation.Softmax",
        "torch.nn.modules.activation.LogSoftmax",
    ),
    packages=LIBRARIES,
)  # fmt: skip

DROPOUTS = ForbiddenRules(
    functions=(*_spellings(
        "dropout", "dropout_", "native_dropout", "alpha_dropout", "alpha_dropout_", "feature_dropout",
        "feature_dropout_", "feature_alpha_dropout", "feature_alpha_dropout_", "dropout1d", "dropout2d", "dropout3d",
    ), "torch._fused_dropout", *(f"torch.ops.aten.{name}{overload}" for overload in ("", ".default") for name in (
        "dropout", "dropout_", "native_dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout",
    ))),
    operators=(
        "native_dropout", "_fused_dropout", "dropout", "dropout_", "alpha_dropout", "alpha_dropout_", "feature_dropout",
        "feature_dropout_", "feature_alpha_dropout", "feature_alpha_dropout_",
    ),
    modules=("torch.nn.modules.dropout.",),
    packages=LIBRARIES,
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
        "batch_norm", "_batch_norm_impl_index", "instance_norm", "layer_norm", "group_norm", "rms_norm",
        "batch_norm_gather_stats", "batch_norm_gather_stats_with_counts", "cudnn_batch_norm",
    ),
    modules=(
        "torch.nn.modules.batchnorm.", "torch.nn.modules.instancenorm.", "torch.nn.modules.normalization.",
        "torch.ao.nn.",
    ),
    packages=LIBRARIES,
)  # fmt: skip


ATTENTION = ForbiddenRules(
    functions=(
        "torch.nn.functional.scaled_dot_product_attention", "torch.nn.functional.multi_head_attention_forward",
        "torch._refs.nn.functional.scaled_dot_product_attention",
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
    entry_points=(
        "torch.nn.attention.flex_attention.flex_attention", "torch._higher_order_ops.flex_attention.math_attention",
        "torch._higher_order_ops.flex_attention.sdpa_dense",
    ),
    packages=LIBRARIES,
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
        packages=tuple(dict.fromkeys(name for group in groups for name in group.packages)),
        backward=any(group.backward for group in groups),
    )
