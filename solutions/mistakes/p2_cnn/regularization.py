"""Known mistakes of `regularization`.

Each takes the place of one name of the reference solution. Students read its title, which is its name in plain words
unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("dropout", title="kept values not rescaled")
def dropout_not_rescaled(x, p, training, generator=None):
    """Your dropout does not scale the values it keeps, so the mean shrinks by a factor of 1 - p in training but not in
    evaluation: the next layer gets different inputs from those it learned with. Which factor makes up for it?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep


@instead_of("dropout", title="scaled by the fraction that was kept")
def scaled_by_the_kept_fraction(x, p, training, generator=None):
    """You divide by the fraction of entries that this mask keeps. It differs from call to call, and one entry's scale then
    depends on the draws of all the others. The scale is known before: 1 / (1 - p)."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / keep.to(x.dtype).mean()


@instead_of("dropout", title="p and 1 - p swapped")
def p_and_one_minus_p_swapped(x, p, training, generator=None):
    """Your dropout keeps entries with probability p. But p is the probability to drop an entry: with p = 0.1 most of
    them stay."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) < p
    return x * keep / p if p else x


@instead_of("dropout", title="mask keeps with probability p instead of 1 - p")
def mask_swapped_scale_not(x, p, training, generator=None):
    """Your mask keeps an entry with probability p, but your scale is the right one for 1 - p. Which of the two does p
    stand for?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) < p
    return x * keep / (1 - p)


@instead_of("dropout", title="divided by p instead of 1 - p")
def divided_by_p(x, p, training, generator=None):
    """You divide the values that are kept by p. An entry is kept with probability 1 - p: by what do you have to divide
    to keep the mean?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / max(p, 1e-12)


@instead_of("dropout", title="multiplied by 1 - p instead of divided")
def multiplied_instead_of_divided(x, p, training, generator=None):
    """You multiply the values that are kept by 1 - p, so the mean shrinks twice. Which operation makes up for the
    entries that are dropped?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep * (1 - p)


@instead_of("dropout")
def scaled_in_evaluation(x, p, training, generator=None):
    """Your dropout multiplies by 1 - p in evaluation, as the original dropout did. Inverted dropout scales in training:
    in evaluation x stays as it is."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x * (1 - p)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="scaled in evaluation only")
def scaled_in_evaluation_alone(x, p, training, generator=None):
    """Your dropout scales by 1 - p in evaluation, and not in training. In inverted dropout it is the other way round,
    so nothing has to be done in evaluation."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x * (1 - p)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep


@instead_of("dropout", title="dropout active in evaluation")
def active_in_evaluation(x, p, training, generator=None):
    """Your dropout also drops entries in evaluation. Then the same image gets different scores each time: what is
    `training` for?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="dropout active in evaluation instead of training")
def training_flag_swapped(x, p, training, generator=None):
    """Your dropout is active in evaluation, and not in training. Look at the condition again."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_draw_for_each_channel(x, p, training, generator=None):
    """Your dropout drops whole channels, with one draw for each. That is another kind of dropout; here each entry needs
    its own draw."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[:2] + (1,) * (x.dim() - 2), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_mask_for_the_whole_batch(x, p, training, generator=None):
    """Your dropout drops the same entries of each example in the batch. Each entry of the tensor needs its own draw:
    which shape should the mask have?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[1:], generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_draw_for_each_example(x, p, training, generator=None):
    """Your dropout drops whole examples of the batch. Each entry needs its own draw."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[:1] + (1,) * (x.dim() - 1), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="one draw for the whole tensor")
def one_draw_for_all(x, p, training, generator=None):
    """Your dropout drops everything or nothing: it draws one number for the whole tensor. Each entry needs its own
    draw."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand((1,), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="fixed number of entries dropped")
def exact_number_dropped(x, p, training, generator=None):
    """Your dropout drops the same number of entries each time, chosen at random. With an independent draw for each
    entry, that number varies."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.ones(x.numel(), dtype=torch.bool)
    keep[torch.randperm(x.numel(), generator=generator)[: round(p * x.numel())]] = False
    keep = keep.reshape(x.shape)
    return x * keep / (1 - p)


@instead_of("dropout", title="normal instead of uniform random numbers")
def normal_numbers_instead_of_uniform(x, p, training, generator=None):
    """Your mask compares p with numbers from a normal distribution, half of which are negative: the fraction that is
    dropped is not p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.randn(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="generator ignored")
def generator_not_passed_on(x, p, training, generator=None):
    """Your dropout draws from the global random state, whatever generator it is given: look at the arguments of
    `torch.rand`."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="seed set inside the function")
def seed_set_inside(x, p, training, generator=None):
    """Your dropout drops the same entries in each call: you set a seed inside. The caller should choose the seed."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="generator reset in every call")
def generator_set_back(x, p, training, generator=None):
    """Your dropout resets the generator to its seed in each call, so every layer and every batch gets the same mask.
    Use the generator as it is: it moves on by itself."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    if generator is not None:
        generator.manual_seed(generator.initial_seed())
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="input changed in place")
def written_into_x(x, p, training, generator=None):
    """Your dropout writes into x, which belongs to the caller: the values before dropout are lost, even if they are
    needed for a gradient. Make a new tensor."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    x *= keep / (1 - p)
    return x


@instead_of("dropout", title="input detached from the graph")
def gradient_stopped(x, p, training, generator=None):
    """No gradient passes through your dropout: you detach x, and all earlier layers stop learning. Only the mask needs
    no gradient, and it has none anyway."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x.detach() * keep / (1 - p)


@instead_of("dropout", title="gradient neither masked nor scaled")
def gradient_not_masked(x, p, training, generator=None):
    """Your gradient also passes through the entries that were dropped, and is not scaled. What you add to x under
    no_grad is a constant for autograd: let it record the product."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    with torch.no_grad():
        change = x * keep / (1 - p) - x
    return x + change


@instead_of("dropout")
def p_not_checked(x, p, training, generator=None):
    """Your dropout accepts any p, and gives nonsense for one below 0 or above 1. Raise a ValueError that names p and
    its value."""
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def negative_p_not_checked(x, p, training, generator=None):
    """Your dropout refuses a p above 1, but accepts one below 0. Neither is a probability."""
    if p > 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="p above 1 not checked")
def p_above_one_not_checked(x, p, training, generator=None):
    """Your dropout refuses a p below 0, but accepts one above 1. Neither is a probability."""
    if p < 0:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="invalid p clamped instead of refused")
def p_clamped(x, p, training, generator=None):
    """Your dropout silently moves an invalid p to between 0 and 1. That hides a mistake of the caller: raise a
    ValueError."""
    p = min(max(p, 0.0), 0.999)
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout", title="mask returned besides the result")
def mask_returned_too(x, p, training, generator=None):
    """Your dropout returns the mask as well. Return only the tensor."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p), keep


@instead_of("BatchNorm2d")
class unbiased_variance_in_the_normalization(nn.Module):
    """Your output in training is a little too small: you normalize by the unbiased variance, divided by n - 1. That one
    is for the running statistics; the batch is normalized by the biased one, divided by n, which is not the default of
    `var`."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3))
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d")
class biased_running_variance(nn.Module):
    """Your running variance is too small by a factor of (n - 1)/n: it follows the biased variance. PyTorch keeps the
    unbiased one, as an estimate for all images, and normalizes the batch by the other."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=False), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="biased and unbiased variance swapped")
class both_variances_swapped(nn.Module):
    """You use the two variances the wrong way round: the batch should be normalized by the biased one, and the running
    average should follow the unbiased one."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=True)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=False), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="momentum and 1 - momentum swapped")
class momentum_swapped(nn.Module):
    """Your running statistics forget nearly everything with each batch: momentum is the weight of the new batch, and 1
    - momentum that of the old value."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, 1 - self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), 1 - self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="statistics of each image instead of the batch")
class statistics_of_each_image(nn.Module):
    """You normalize each image by its own statistics, which is instance normalization. In batch norm, the statistics of
    a channel are taken over all images of the batch."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(2, 3)), x.var(dim=(2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(x.mean(dim=(0, 2, 3)), self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(*v.shape, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="one mean and variance for all channels")
class statistics_over_all_channels(nn.Module):
    """You normalize by one mean and one variance for all channels. Each channel has its own: which axes should you
    average over, and which remains?"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean = x.mean().expand(x.shape[1])
            var = x.var(unbiased=False).expand(x.shape[1])
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="separate statistics for each pixel")
class statistics_of_each_pixel(nn.Module):
    """You average over the batch only, so each pixel has its own statistics. For images, the statistics of a channel
    are also taken over height and width."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        if self.training:
            mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics used in training")
class running_statistics_in_training(nn.Module):
    """In training you normalize by the running statistics. They are for evaluation: in training the batch itself should
    get mean 0 and variance 1, and the gradient goes through its statistics."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        mean, var = self.running_mean.clone(), self.running_var.clone()
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="batch statistics used in evaluation")
class batch_statistics_in_evaluation(nn.Module):
    """In evaluation you normalize by the batch, so the scores of an image depend on the others. What are the running
    statistics for?"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics updated in evaluation")
class statistics_updated_in_evaluation(nn.Module):
    """Your running statistics keep changing in evaluation, so the test images influence the model. Update them in
    training only."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean.clone(), self.running_var.clone()
            with torch.no_grad():
                self.running_mean.lerp_(x.mean(dim=(0, 2, 3)), self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3)), self.momentum)
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics never updated")
class statistics_never_updated(nn.Module):
    """Your running statistics stay at 0 and 1 in training, so nothing is normalized in evaluation."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics of the last batch only")
class statistics_of_the_last_batch_alone(nn.Module):
    """Your running statistics are those of the last batch: nothing of the earlier ones is kept. What is momentum
    for?"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.copy_(mean)
                self.running_var.copy_(x.var(dim=(0, 2, 3), unbiased=True))
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="statistics copied at the first batch")
class statistics_copied_at_the_first_batch(BatchNorm2d):
    """Your first batch replaces the initial running statistics. In PyTorch it moves them by momentum, as every batch does:
    0 and 1 are the old values then."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                batch = {"running_mean": mean, "running_var": x.var(dim=(0, 2, 3), unbiased=True)}
                for name, value in batch.items():
                    running = getattr(self, name)
                    running.lerp_(value, self.momentum if self.num_batches_tracked else 1.0)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="plain mean over all batches as running statistics")
class mean_over_all_batches(BatchNorm2d):
    """Your running statistics are the mean over all batches so far. With momentum, every new batch has the same weight, so
    that old ones are forgotten."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                batch = {"running_mean": mean, "running_var": x.var(dim=(0, 2, 3), unbiased=True)}
                for name, value in batch.items():
                    getattr(self, name).lerp_(value, 1 / (float(self.num_batches_tracked) + 1))
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics added up")
class statistics_added_up(BatchNorm2d):
    """You add momentum times the statistics of the batch, but keep the whole old value, so they grow with every batch. The
    weights of old and new should sum to 1."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                batch = {"running_mean": mean, "running_var": x.var(dim=(0, 2, 3), unbiased=True)}
                for name, value in batch.items():
                    getattr(self, name).add_(self.momentum * value)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running standard deviation instead of variance")
class running_standard_deviation(nn.Module):
    """Your running variance follows the standard deviation. Average the variances, and take the root afterwards."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.std(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="num_batches_tracked not counted")
class batches_not_counted(nn.Module):
    """Your `num_batches_tracked` stays at 0. It counts the batches that the running statistics have seen."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="momentum ignored")
class momentum_fixed(nn.Module):
    """Your running statistics always move with a momentum of 0.1, whatever `momentum` the layer was made with."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, 0.1
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="eps ignored")
class eps_fixed(nn.Module):
    """Your layer always adds 1e-5 to the variance, whatever `eps` it was made with."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = 1e-5, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="eps added outside the square root")
class eps_outside_the_root(nn.Module):
    """You add eps to the standard deviation. It belongs to the variance, under the root, where it also keeps the
    gradient finite."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / (torch.sqrt(var) + self.eps) * weight + bias


@instead_of("BatchNorm2d")
class eps_left_out(nn.Module):
    """Your layer never uses `eps`: a channel that is constant in a batch is divided by 0."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var) * weight + bias


@instead_of("BatchNorm2d", title="square root left out")
class root_left_out(nn.Module):
    """You divide by the variance. Dividing by the standard deviation is what makes the variance of the result 1."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / (var + self.eps) * weight + bias


@instead_of("BatchNorm2d")
class weight_and_bias_not_used(nn.Module):
    """Your layer has a weight and a bias but never uses them: normalize, then scale and shift."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps)


@instead_of("BatchNorm2d")
class shifted_before_scaled(nn.Module):
    """Your layer adds the bias first, so the weight multiplies it too. Scale first, then shift."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return ((x - mean) / torch.sqrt(var + self.eps) + bias) * weight


@instead_of("BatchNorm2d")
class mean_not_subtracted(nn.Module):
    """Your layer divides by the standard deviation but does not subtract the mean."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return x / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="batch statistics detached from the graph")
class statistics_detached(nn.Module):
    """The gradient at your input is that of a layer whose mean and variance are constants. They depend on the batch,
    and in training the gradient has to go through them: this is an essential part of batch norm."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var = mean.detach(), var.detach()
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics recorded by autograd")
class running_statistics_with_a_history(nn.Module):
    """Your running statistics keep the autograd graph of every batch that went into them: memory fills up, and the next
    `backward` goes through graphs that have been freed. They are not part of the loss and need no gradient."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(dim=(0, 2, 3))
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics are not buffers")
class statistics_not_registered(nn.Module):
    """Your running statistics are plain attributes. They are not in the `state_dict`, so a saved model loses them, and
    `.double()` and `.to(device)` do not convert them. State that is saved but not learned is a buffer."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.running_mean = torch.zeros(num_features)
        self.running_var = torch.ones(num_features)
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean = torch.lerp(self.running_mean.to(x), mean, self.momentum)
                self.running_var = torch.lerp(self.running_var.to(x), x.var(dim=(0, 2, 3)), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running statistics are parameters")
class statistics_as_parameters(nn.Module):
    """Your running statistics are parameters, so an optimizer would change them. State that is saved but not learned is
    a buffer."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.running_mean = nn.Parameter(torch.zeros(num_features))
        self.running_var = nn.Parameter(torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="weight and bias are buffers")
class weight_and_bias_as_buffers(nn.Module):
    """Your weight and bias are buffers: they are saved, but no optimizer ever gets them. What is learned is a
    parameter."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.register_buffer("weight", torch.ones(num_features))
        self.register_buffer("bias", torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="parameters named gamma and beta")
class names_of_the_paper(nn.Module):
    """Your parameters are called gamma and beta, as in the paper. PyTorch calls them weight and bias, and a
    `state_dict` is loaded by name."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.gamma, self.beta))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="num_batches_tracked is not a buffer")
class batches_counted_in_a_number(nn.Module):
    """Your `num_batches_tracked` is a plain number and not in the `state_dict`: in PyTorch it is a buffer."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.num_batches_tracked = 0

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="weight initialized to zero")
class weight_begins_at_zero(nn.Module):
    """Your weight starts at 0, and so the output of the layer is 0: no gradient reaches the earlier layers. A layer
    that at first only normalizes has a weight of 1."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.zeros(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="running variance initialized to zero")
class running_variance_begins_at_zero(nn.Module):
    """Your running variance starts at 0, so the average is too small for many batches, and an early evaluation divides
    by next to nothing. PyTorch's starts at 1."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.zeros(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias


@instead_of("BatchNorm2d", title="sums divided by the number of images")
class SumsDividedByTheImages(BatchNorm2d):
    """You add up over batch, height and width, but divide by the number of images alone. How many numbers does one channel
    of a batch have?"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean = x.sum(dim=(0, 2, 3)) / len(x)
            var = ((x - mean.reshape(-1, 1, 1)) ** 2).sum(dim=(0, 2, 3)) / len(x)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var, self.momentum)
                self.num_batches_tracked += 1
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias
