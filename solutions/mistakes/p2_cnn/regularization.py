"""Known mistakes of `regularization`.

Each takes the place of one name of the reference solution. Its name is the mistake, its docstring the hint that a
student reads.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("dropout")
def dropout_not_rescaled(x, p, training, generator=None):
    """What your dropout keeps stays as it is, so that the mean shrinks by 1 - p in training and not in evaluation: the
    next layer gets other numbers than it learned with. Which factor makes up for it?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep


@instead_of("dropout")
def p_and_one_minus_p_swapped(x, p, training, generator=None):
    """Your dropout keeps entries with probability p. It is the probability to be dropped: with p = 0.1 most of them
    stay."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) < p
    return x * keep / p if p else x


@instead_of("dropout")
def mask_swapped_scale_not(x, p, training, generator=None):
    """Your mask keeps an entry with probability p, and your scale is that for 1 - p. Which of the two does p stand
    for?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) < p
    return x * keep / (1 - p)


@instead_of("dropout")
def divided_by_p(x, p, training, generator=None):
    """What your dropout keeps is divided by p. An entry is kept with probability 1 - p: which division leaves the mean
    as it was?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / max(p, 1e-12)


@instead_of("dropout")
def multiplied_in_place_of_divided(x, p, training, generator=None):
    """What your dropout keeps is multiplied by 1 - p, and the mean shrinks twice. Which operation makes up for what is
    dropped?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep * (1 - p)


@instead_of("dropout")
def scaled_in_evaluation(x, p, training, generator=None):
    """Your dropout multiplies by 1 - p in evaluation, as the first version of dropout did. The inverted one has done
    its scaling in training: in evaluation x stays as it is."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x * (1 - p)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def scaled_in_evaluation_alone(x, p, training, generator=None):
    """Your dropout scales by 1 - p in evaluation, and not in training. It is the other way round in inverted dropout,
    so that nothing has to be done in evaluation."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x * (1 - p)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep


@instead_of("dropout")
def active_in_evaluation(x, p, training, generator=None):
    """Your dropout drops entries in evaluation too. Then the same image gets other scores each time: what is `training`
    for?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
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
    """Your dropout drops whole channels: one draw for each. That is another kind of dropout; here each entry has a draw
    of its own."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[:2] + (1,) * (x.dim() - 2), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_mask_for_the_whole_batch(x, p, training, generator=None):
    """Your dropout drops the same entries of each example in the batch. Each entry of the tensor has a draw of its own:
    which shape has the mask?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[1:], generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_draw_for_each_example(x, p, training, generator=None):
    """Your dropout drops whole examples of the batch. Each entry has a draw of its own."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape[:1] + (1,) * (x.dim() - 1), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def one_draw_for_all(x, p, training, generator=None):
    """Your dropout drops everything or nothing: it draws one number for the whole tensor. Each entry has a draw of its
    own."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand((1,), generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def exact_number_dropped(x, p, training, generator=None):
    """Your dropout drops the same number of entries each time, chosen at random. With a draw for each entry their
    number varies, and no entry's fate depends on another's."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.ones(x.numel(), dtype=torch.bool)
    keep[torch.randperm(x.numel(), generator=generator)[: round(p * x.numel())]] = False
    keep = keep.reshape(x.shape)
    return x * keep / (1 - p)


@instead_of("dropout")
def normal_numbers_in_place_of_uniform(x, p, training, generator=None):
    """Your mask compares p with numbers from a normal distribution, of which half are below 0: the fraction that is
    dropped is not p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.randn(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def generator_not_passed_on(x, p, training, generator=None):
    """Your dropout draws from the global random state, whatever generator it is given: look at what `torch.rand`
    takes."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def seed_set_inside(x, p, training, generator=None):
    """Your dropout drops the same entries in each call: a seed is set inside. Seeds are for whoever runs the
    experiment."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def generator_set_back(x, p, training, generator=None):
    """Your dropout begins with the generator's seed in each call, so that every layer and every batch gets the same
    mask. Draw from the generator as it comes."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    if generator is not None:
        generator.manual_seed(generator.initial_seed())
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def written_into_x(x, p, training, generator=None):
    """Your dropout writes into x, which is the caller's: the values before dropout are lost, also for whoever needs
    them for a gradient. Make a new tensor."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    x *= keep / (1 - p)
    return x


@instead_of("dropout")
def gradient_stopped(x, p, training, generator=None):
    """No gradient passes your dropout: x is detached on the way, and all layers below stop learning. Only the mask is
    without a gradient, and it has none by itself."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x.detach() * keep / (1 - p)


@instead_of("dropout")
def gradient_not_masked(x, p, training, generator=None):
    """Your gradient passes the entries that were dropped, and is not scaled. What is added to x under no_grad is a
    constant to autograd: let it see the product."""
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
    """Your dropout takes any p, and gives nonsense for one below 0 or above 1. A ValueError that names p and its value
    saves its user an evening."""
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def negative_p_not_checked(x, p, training, generator=None):
    """Your dropout refuses a p above 1, but takes one below 0. Neither is a probability."""
    if p > 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def p_above_one_not_checked(x, p, training, generator=None):
    """Your dropout refuses a p below 0, but takes one above 1. Neither is a probability."""
    if p < 0:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def p_clamped(x, p, training, generator=None):
    """Your dropout brings a p that is no probability back between 0 and 1 without a word. Whoever passed it has made a
    mistake, and would like to know: raise a ValueError."""
    p = min(max(p, 0.0), 0.999)
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)


@instead_of("dropout")
def mask_returned_too(x, p, training, generator=None):
    """Your dropout returns the mask as well. The tensor alone is asked for."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p), keep


@instead_of("BatchNorm2d")
class unbiased_variance_in_the_normalization(nn.Module):
    """Your output in training is a little too small: it is normalized by the unbiased variance, divided by n - 1. That
    one is for the running statistics; here it is divided by n. `var` does not do so by itself."""

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
    """Your running variance is too small by (n - 1)/n: it follows the biased variance. PyTorch keeps the unbiased one,
    as an estimate of all images, and normalizes the batch by the other."""

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


@instead_of("BatchNorm2d")
class both_variances_swapped(nn.Module):
    """You have the two variances swapped: the batch is normalized by the biased one, and the running average follows
    the unbiased."""

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


@instead_of("BatchNorm2d")
class momentum_swapped(nn.Module):
    """Your running statistics forget nearly everything with each batch: momentum is the weight of the new batch, and 1
    - momentum that of what was there."""

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


@instead_of("BatchNorm2d")
class statistics_of_each_image(nn.Module):
    """You normalize each image by its own statistics, which is instance normalization. In batch norm those of a channel
    are over all images of the batch."""

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


@instead_of("BatchNorm2d")
class statistics_over_all_channels(nn.Module):
    """You normalize by one mean and one variance for all channels. Each channel has its own: which axes are to be
    averaged over, and which is left?"""

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


@instead_of("BatchNorm2d")
class statistics_of_each_pixel(nn.Module):
    """You average over the batch alone, so that each pixel has its own statistics. In images a channel's are over
    height and width too."""

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


@instead_of("BatchNorm2d")
class running_statistics_in_training(nn.Module):
    """In training you normalize by the running statistics. They are for evaluation: in training it is the batch that
    gets mean 0 and variance 1, and its statistics that the gradient goes through."""

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


@instead_of("BatchNorm2d")
class batch_statistics_in_evaluation(nn.Module):
    """In evaluation you normalize by the batch, so that the scores of an image depend on its neighbours. What were the
    running statistics kept for?"""

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


@instead_of("BatchNorm2d")
class statistics_updated_in_evaluation(nn.Module):
    """Your running statistics go on moving in evaluation: the test images leave their traces in the model. They are
    updated in training alone."""

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


@instead_of("BatchNorm2d")
class statistics_never_updated(nn.Module):
    """Your running statistics stay at 0 and 1 in training, so that in evaluation nothing is normalized."""

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


@instead_of("BatchNorm2d")
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


@instead_of("BatchNorm2d")
class running_standard_deviation(nn.Module):
    """Your running variance follows the standard deviation. It is the average of variances, and the root comes
    afterwards."""

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


@instead_of("BatchNorm2d")
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


@instead_of("BatchNorm2d")
class momentum_fixed(nn.Module):
    """Your running statistics move with a momentum of 0.1, whatever the layer was made with."""

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


@instead_of("BatchNorm2d")
class eps_fixed(nn.Module):
    """Your layer adds 1e-5 to the variance, whatever `eps` it was made with."""

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


@instead_of("BatchNorm2d")
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
    """Your layer never looks at `eps`: a channel that is constant in a batch is divided by 0."""

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


@instead_of("BatchNorm2d")
class root_left_out(nn.Module):
    """You divide by the variance. It is the standard deviation that makes the variance of the result 1."""

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
    """Your layer has a weight and a bias and never uses them: normalize, then scale and shift."""

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
    """Your layer adds the bias first, and the weight multiplies it too. First the scale, then the shift."""

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
    """Your layer divides by the standard deviation and leaves the mean where it was."""

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


@instead_of("BatchNorm2d")
class statistics_detached(nn.Module):
    """Your gradient for the input is that of a layer whose mean and variance are constants. They depend on the batch,
    and in training the gradient goes through them: without that, batch norm does not do what it is for."""

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


@instead_of("BatchNorm2d")
class running_statistics_with_a_history(nn.Module):
    """Your running statistics keep the record of every batch that has gone into them: the memory fills up, and the next
    `backward` goes through graphs that are gone. They are statistics, not part of the loss."""

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


@instead_of("BatchNorm2d")
class statistics_not_registered(nn.Module):
    """Your running statistics are plain attributes. They are not in the `state_dict`, so that a saved model loses them,
    and `.double()` and `.to(device)` leave them behind. What is kept and not learned is a buffer."""

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


@instead_of("BatchNorm2d")
class statistics_as_parameters(nn.Module):
    """Your running statistics are parameters, and an optimizer would move them. What is kept and not learned is a
    buffer."""

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


@instead_of("BatchNorm2d")
class weight_and_bias_as_buffers(nn.Module):
    """Your weight and bias are buffers: they are saved, but no optimizer is ever given them. What is learned is a
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


@instead_of("BatchNorm2d")
class names_of_the_paper(nn.Module):
    """Your parameters are called gamma and beta, as in the paper. PyTorch calls them weight and bias, and a
    `state_dict` is loaded by names."""

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


@instead_of("BatchNorm2d")
class batches_counted_in_a_number(nn.Module):
    """Your `num_batches_tracked` is a plain number, and not in the `state_dict`: PyTorch's is a buffer."""

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


@instead_of("BatchNorm2d")
class weight_begins_at_zero(nn.Module):
    """Your weight begins at 0, and so does the layer's output: no gradient reaches the layers below. A layer that does
    nothing at first but normalize has a weight of 1."""

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


@instead_of("BatchNorm2d")
class running_variance_begins_at_zero(nn.Module):
    """Your running variance begins at 0, so that the average is too small for many batches, and evaluation before them
    divides by next to nothing. PyTorch's begins at 1."""

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
