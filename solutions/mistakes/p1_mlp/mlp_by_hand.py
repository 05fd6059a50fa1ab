"""Known mistakes of `mlp_by_hand`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, forward and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_params")
def weights_stored_as_in_by_out(nx, nh, ny, generator=None):
    """Your matrices are transposed: (nx, nh) and (nh, ny), inputs first. The convention here is that of
    `torch.nn.Linear`, (out, in): a row holds the weights of one neuron."""
    return {
        "Wh": 0.3 * torch.randn(nx, nh, generator=generator),
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "Wy": 0.3 * torch.randn(nh, ny, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def standard_deviation_of_one(nx, nh, ny, generator=None):
    """Your weights are about three times too large: `torch.randn` draws with standard deviation 1, and 0.3 is asked
    for. Large weights drive tanh to where it is flat, and learning stalls."""
    return {
        "Wh": torch.randn(nh, nx, generator=generator),
        "bh": torch.randn(nh, generator=generator),
        "Wy": torch.randn(ny, nh, generator=generator),
        "by": torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def variance_of_0_3(nx, nh, ny, generator=None):
    """Your weights have the variance 0.3, so a standard deviation of 0.55. The 0.3 that is asked for is the standard
    deviation itself; in N(0, 0.3²) the square is the variance."""
    return {
        "Wh": 0.3**0.5 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3**0.5 * torch.randn(nh, generator=generator),
        "Wy": 0.3**0.5 * torch.randn(ny, nh, generator=generator),
        "by": 0.3**0.5 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def standard_deviation_of_0_09(nx, nh, ny, generator=None):
    """Your weights have the standard deviation 0.09: the 0.3 has been squared. N(0, 0.3²) names the variance; random
    functions are told the standard deviation."""
    return {
        "Wh": torch.normal(0.0, 0.3**2, (nh, nx), generator=generator),
        "bh": torch.normal(0.0, 0.3**2, (nh,), generator=generator),
        "Wy": torch.normal(0.0, 0.3**2, (ny, nh), generator=generator),
        "by": torch.normal(0.0, 0.3**2, (ny,), generator=generator),
    }


@instead_of("init_params")
def one_over_the_root_of_the_inputs(nx, nh, ny, generator=None):
    """Your weights shrink as a layer gets more inputs: you scale by one over the root of their number. That is a good
    rule, and another one: here the standard deviation is 0.3 whatever the sizes."""
    return {
        "Wh": torch.randn(nh, nx, generator=generator) / nx**0.5,
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "Wy": torch.randn(ny, nh, generator=generator) / nh**0.5,
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def uniform_in_place_of_normal(nx, nh, ny, generator=None):
    """Your weights all lie between -0.3 and 0.3: they are drawn uniformly. A normal distribution is asked for, in which
    one weight of three is larger than its standard deviation."""
    return {
        "Wh": 0.6 * torch.rand(nh, nx, generator=generator) - 0.3,
        "bh": 0.6 * torch.rand(nh, generator=generator) - 0.3,
        "Wy": 0.6 * torch.rand(ny, nh, generator=generator) - 0.3,
        "by": 0.6 * torch.rand(ny, generator=generator) - 0.3,
    }


@instead_of("init_params")
def only_positive_weights(nx, nh, ny, generator=None):
    """None of your weights is negative: `torch.rand` draws uniformly from [0, 1). Its neighbour with one letter more
    draws from a normal distribution around 0."""
    return {
        "Wh": 0.3 * torch.rand(nh, nx, generator=generator),
        "bh": 0.3 * torch.rand(nh, generator=generator),
        "Wy": 0.3 * torch.rand(ny, nh, generator=generator),
        "by": 0.3 * torch.rand(ny, generator=generator),
    }


@instead_of("init_params")
def weights_around_0_3(nx, nh, ny, generator=None):
    """Your weights have mean 0.3 and standard deviation 1: the 0.3 is added where it should scale. Mean 0 and standard
    deviation 0.3 are asked for."""
    return {
        "Wh": 0.3 + torch.randn(nh, nx, generator=generator),
        "bh": 0.3 + torch.randn(nh, generator=generator),
        "Wy": 0.3 + torch.randn(ny, nh, generator=generator),
        "by": 0.3 + torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def all_weights_start_at_zero(nx, nh, ny, generator=None):
    """All your weights start at 0. Then every hidden neuron computes the same and gets the same gradient, and none ever
    differs from the others. Biases may start at 0; weights have to be drawn."""
    return {
        "Wh": torch.zeros(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": torch.zeros(ny, nh),
        "by": torch.zeros(ny),
    }


@instead_of("init_params")
def biases_start_at_one(nx, nh, ny, generator=None):
    """Your biases start at 1. They are drawn like the weights, or start at 0: a neuron should not begin with an opinion
    of its own."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": torch.ones(nh),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": torch.ones(ny),
    }


@instead_of("init_params")
def one_bias_for_a_whole_layer(nx, nh, ny, generator=None):
    """Your biases are one number a layer. Broadcasting hides it, but all neurons of the layer then move up and down
    together: each is to have a bias of its own."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(1, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(1, generator=generator),
    }


@instead_of("init_params")
def bias_as_long_as_the_input(nx, nh, ny, generator=None):
    """Each bias of yours has as many numbers as its layer has inputs. A bias is added to what the layer puts out: one
    number for each of its neurons."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nx, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(nh, generator=generator),
    }


@instead_of("init_params")
def biases_missing(nx, nh, ny, generator=None):
    """Your dictionary has no `bh` and no `by`. Without biases every hidden neuron is 0 at the origin; both layers are
    to have one."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
    }


@instead_of("init_params")
def keys_spelt_another_way(nx, nh, ny, generator=None):
    """The keys of your dictionary are not `Wh`, `bh`, `Wy` and `by`. Upper and lower case count: whoever uses the
    dictionary looks for exactly these."""
    return {
        "wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def hidden_size_ignored(nx, nh, ny, generator=None):
    """Your network has ten hidden neurons, whatever `nh` says. A number that stands in the signature should not stand
    in the body."""
    return {
        "Wh": 0.3 * torch.randn(10, nx, generator=generator),
        "bh": 0.3 * torch.randn(10, generator=generator),
        "Wy": 0.3 * torch.randn(ny, 10, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def generator_not_passed_on(nx, nh, ny, generator=None):
    """The same `generator` gives other parameters each time: `torch.randn` draws from the global random state unless it
    is told which generator to draw from. Each of your draws has to be told."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params")
def generator_for_the_weights_only(nx, nh, ny, generator=None):
    """The same `generator` gives the same weights, and other biases each time: only some of your draws are told which
    generator to draw from."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params")
def seed_set_inside(nx, nh, ny, generator=None):
    """Your parameters are the same each time, whatever the caller's random state: a seed is set inside. Seeds are for
    whoever runs the experiment; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params")
def parameters_in_float64(nx, nh, ny, generator=None):
    """Your parameters are float64, NumPy's default and not PyTorch's. float32 is asked for: mixed with float32 inputs,
    a matrix product raises."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator, dtype=torch.float64),
        "bh": 0.3 * torch.randn(nh, generator=generator, dtype=torch.float64),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator, dtype=torch.float64),
        "by": 0.3 * torch.randn(ny, generator=generator, dtype=torch.float64),
    }


@instead_of("forward")
def no_activation(params, X):
    """Your `h` equals your `htilde`: the tanh is missing. Without an activation between them two affine maps are worth
    one, and no circle is separated by a line."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def relu_in_place_of_tanh(params, X):
    """Your hidden values are never negative: they go through a ReLU. This network is the one with the hyperbolic
    tangent."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.relu(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_in_place_of_tanh(params, X):
    """Your hidden values lie in (0, 1): that is a sigmoid. The hyperbolic tangent goes from -1 to 1."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def scores_from_the_values_before_the_tanh(params, X):
    """You compute `h` and do not use it: your scores come from `htilde`, so that the network is an affine map after
    all. Which of the two does the second layer see?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = htilde @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def scores_from_the_inputs(params, X):
    """Your scores are computed from `X`, past the hidden layer; where nx and nh differ, the matrices do not even fit.
    What does the second layer take?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = X @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def bias_of_the_hidden_layer_on_the_scores(params, X):
    """You add `bh` to the scores, where `by` belongs; where nh and ny differ, the shapes do not even fit. A line copied
    from the first layer keeps its names until you change all of them."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["bh"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def biases_never_added(params, X):
    """Your layers are products with a matrix and nothing else: the biases are never added, so an input of zeros gives
    every class the same probability."""
    htilde = X @ params["Wh"].T
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def output_bias_never_added(params, X):
    """`htilde` is right and `ytilde` is off by the same numbers in every row: `by` is never added."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_bias_never_added(params, X):
    """`htilde` is off by the same numbers in every row: `bh` is never added."""
    htilde = X @ params["Wh"].T
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def bias_subtracted(params, X):
    """Your biases are subtracted. The layer is defined as the product plus the bias; its gradient has the sign that
    belongs to that."""
    htilde = X @ params["Wh"].T - params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T - params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def matrix_on_the_left_of_the_batch(params, X):
    """You multiply `Wh` by `X`, as books do where an example is a column. Here an example is a row, and the two inner
    sizes only match by chance. Write the shapes beside each other: (batch, nx) is to become (batch, nh)."""
    htilde = torch.matmul(params["Wh"], X) + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def matrices_not_transposed(params, X):
    """You multiply `X` by `Wh` as it is. The weights are (out, in), so that (batch, nx) by (nh, nx) does not fit, or
    fits by chance where two sizes are equal, and is wrong. What turns (out, in) around?"""
    htilde = X @ params["Wh"] + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"] + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_over_the_batch(params, X):
    """Your columns sum to 1, your rows do not: the examples of the batch compete with each other instead of the classes
    of one example. Which axis of (batch, ny) holds the classes?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=0)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def normalised_over_the_whole_batch(params, X):
    """All your probabilities together sum to 1, where each row should. A sum without `dim` runs over the whole batch;
    each example has a denominator of its own."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.exp(ytilde) / torch.exp(ytilde).sum()
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_left_out(params, X):
    """Your `yhat` are the scores: negative numbers among them, and rows that do not sum to 1. What turns scores into
    probabilities?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = ytilde
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_applied_twice(params, X):
    """Your rows sum to 1, but all probabilities are much alike: the softmax is applied to its own result, whose values
    lie between 0 and 1 and differ too little."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(torch.softmax(ytilde, dim=1), dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_in_place_of_softmax(params, X):
    """Each of your probabilities lies between 0 and 1, but a row does not sum to 1: a sigmoid looks at one score alone,
    while in a softmax the classes compete."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.sigmoid(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def logarithm_of_the_probabilities(params, X):
    """Your `yhat` is negative: it is the logarithm of the probabilities. The loss takes the logarithm, later; `yhat`
    itself is asked for."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1).log()
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def tanh_on_the_scores(params, X):
    """Your scores all lie between -1 and 1: a tanh follows the second layer too. So no class can ever be much more
    probable than another. Which of the two layers does the activation belong to?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = torch.tanh(h @ params["Wy"].T + params["by"])
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def inputs_missing_from_the_outputs(params, X):
    """Your `outputs` has no `X`. It is no result, but the gradient of the first layer's weights is made from it, and
    `backward` has nowhere else to find it."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_values_missing_from_the_outputs(params, X):
    """Your `outputs` has no `h`. Every step is to be kept, under the names given: `X`, `htilde`, `h`, `ytilde`,
    `yhat`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def outputs_spelt_another_way(params, X):
    """The keys of your `outputs` are not those asked for: `X`, `htilde`, `h`, `ytilde`, `yhat`, without underscores and
    in this case."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "h_tilde": htilde, "h": h, "y_tilde": ytilde, "y_hat": yhat}


@instead_of("forward")
def results_in_the_wrong_order(params, X):
    """You return the dictionary first and the probabilities second. The order is `(yhat, outputs)`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}, yhat


@instead_of("forward")
def only_the_probabilities_returned(params, X):
    """You return the probabilities alone. `backward` cannot do without the steps on the way: return both, `(yhat,
    outputs)`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat


@instead_of("forward")
def tanh_written_over_its_input(params, X):
    """Your `htilde` is the same as `h`: a method whose name ends in an underscore writes its result over the tensor it
    is called on, and both names now mean that one tensor."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde.tanh_()
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def probabilities_kept_as_the_scores(params, X):
    """`outputs["ytilde"]` holds the probabilities. The scores, before the softmax, belong under that name."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": yhat, "yhat": yhat}


@instead_of("forward")
def everything_in_float32(params, X):
    """float64 inputs come back as float32, and half of their digits are lost. Look for a `.float()`, or for a tensor
    made without a dtype, and keep the dtype of what you were given."""
    htilde = X.float() @ params["Wh"].float().T + params["bh"].float()
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].float().T + params["by"].float()
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("loss_accuracy")
def loss_summed_over_the_batch(Yhat, Y):
    """Your loss is too large by exactly the size of the batch: it is the sum over the examples, and the mean is asked
    for. A sum grows with the batch, and so would the steps."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_averaged_over_batch_and_classes(Yhat, Y):
    """Your loss is too small by exactly the number of classes: a mean over all batch times ny entries divides by ny as
    well. The sum over the classes belongs to the formula; only over the examples is it a mean."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_divided_by_the_batch_twice(Yhat, Y):
    """Your loss is too small by exactly the size of the batch: you divide by it twice, perhaps by a `mean` and once
    more by hand."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean() / len(Y)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def one_loss_for_each_example(Yhat, Y):
    """Your loss is a row of numbers, one for each example. One number is asked for, their mean."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def minus_sign_missing(Yhat, Y):
    """Your loss is negative. The logarithm of a probability is never above 0; what turns it into a loss that is large
    when the answer is wrong?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = (Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_of_zero(Yhat, Y):
    """Your loss is NaN as soon as a probability is 0: log 0 is minus infinity, and 0 times infinity is not a number, so
    even a class that the target does not ask for spoils the sum. Keep the logarithm away from 0."""
    L = -(Y * Yhat.log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def infinite_loss_where_the_right_class_has_probability_zero(Yhat, Y):
    """Where the target is 0 a probability of 0 does no harm any more, but at the right class your loss is infinite. It
    should be large, and finite: one example would decide every mean, and no gradient comes of infinity."""
    L = -torch.xlogy(Y, Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def worst_error_at_no_cost(Yhat, Y):
    """Where the right class has probability 0 your loss adds nothing: minus infinity has been replaced by 0, and the
    worst of all errors costs least. What number would be fair?"""
    L = -(Y * torch.nan_to_num(Yhat.log(), neginf=0.0)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def guard_of_the_logarithm_too_large(Yhat, Y):
    """Your loss is a little too small everywhere, and never above 7: the number that keeps the logarithm from 0 is so
    large that it changes the probabilities. 1e-8 protects as well."""
    L = -(Y * (Yhat + 1e-3).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def zeros_replaced_in_the_callers_tensor(Yhat, Y):
    """Your loss is right, but `Yhat` is not the same afterwards: an assignment to its entries, or a method whose name
    ends in an underscore, writes into the caller's tensor. Make a new one."""
    Yhat[Yhat == 0] = 1e-12
    L = -(Y * Yhat.log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def probabilities_taken_for_scores(Yhat, Y):
    """Your loss never comes near 0, however sure and right the prediction: a softmax, or its log-sum-exp, is applied to
    `Yhat`, which holds probabilities already."""
    L = -(Y * torch.log_softmax(Yhat, dim=1)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def mean_squared_error(Yhat, Y):
    """Your loss is the mean squared error. That one is for predicting quantities; for classes it is the cross-entropy,
    which goes on pulling where a prediction is confidently wrong."""
    L = ((Yhat - Y) ** 2).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def binary_cross_entropy_of_each_class(Yhat, Y):
    """Your loss also counts log(1 - yhat) of the wrong classes: that is the binary cross-entropy, for classes that do
    not exclude each other. With a softmax the wrong classes are counted already: what they have, the right one
    lacks."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log() + (1 - Y) * (1 - Yhat).clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_two(Yhat, Y):
    """Your loss is 1.4427 times too large: it is in bits. The natural logarithm is asked for."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log2()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_ten(Yhat, Y):
    """Your loss is 2.3026 times too small: it is made with log10. The natural logarithm is asked for."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log10()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_left_out(Yhat, Y):
    """Your loss is minus the mean probability of the right class, which lies between -1 and 0. Where is the
    logarithm?"""
    L = -(Y * Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def targets_and_predictions_swapped(Yhat, Y):
    """You take the logarithm of the targets and weigh it with the predictions. In the cross-entropy it is the other way
    round: the targets weigh."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Yhat * Y.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_of_the_predicted_class(Yhat, Y):
    """Your loss is small wherever the network is sure, right or wrong: it takes the probability of the class that is
    predicted. Which class does it have to ask about?"""
    L = -Yhat.max(dim=1).values.log().mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(Yhat, Y):
    """Your accuracy is a hundred times too large: a fraction in [0, 1] is asked for, not a percentage."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = 100 * (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_count(Yhat, Y):
    """Your accuracy is the number of right answers. A fraction of the batch is asked for."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).sum()
    return L, acc


@instead_of("loss_accuracy")
def errors_counted_in_place_of_hits(Yhat, Y):
    """Your accuracy is 1 minus the right one: the fraction of wrong answers."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) != Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def argmax_over_the_batch(Yhat, Y):
    """Your argmax runs over the examples: it asks, for each class, which example is the most typical. Which axis of
    (batch, ny) holds the classes?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=0) == Y.argmax(dim=0)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_entry_by_entry(Yhat, Y):
    """You compare all batch times ny entries of the one-hot tables, so that the zeros two tables have in common count
    as right answers. An example is right or wrong as a whole."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (torch.eye(Y.shape[1])[Yhat.argmax(dim=1)] == Y).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_by_a_threshold_of_one_half(Yhat, Y):
    """An example counts as right only where the right class has more than half of the probability. With three classes
    or more it can win with less: what matters is which one is the highest."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = ((Yhat * Y).sum(dim=1) > 0.5).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_and_accuracy_swapped(Yhat, Y):
    """You return the accuracy first and the loss second. The order is `(L, acc)`."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return acc, L


@instead_of("backward")
def gradient_of_the_sum(params, outputs, Y):
    """All your gradients are too large by exactly the size of the batch: they belong to the sum of the losses, and the
    loss is their mean. What does the mean make of every gradient?"""
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def gradient_averaged_over_batch_and_classes(params, outputs, Y):
    """All your gradients are too small by exactly the number of classes: you divide by all batch times ny entries. The
    loss is a mean over the examples only."""
    delta_y = (outputs["yhat"] - Y) / Y.numel()
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def mean_taken_twice(params, outputs, Y):
    """All your gradients are too small by exactly the size of the batch: you divide by it at the scores and again at
    the parameters. Once is enough, wherever you like."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"] / len(Y),
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"] / len(Y),
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward")
def mean_taken_at_each_layer(params, outputs, Y):
    """Your second layer is right, and the gradients of the first are too small by exactly the size of the batch: what
    comes from behind has been divided already, and you divide it again."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2) / len(Y)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def bias_gradients_averaged_again(params, outputs, Y):
    """Your weights' gradients are right, and those of the biases too small by exactly the size of the batch: you take a
    mean of what is divided by the batch already. What is to be done with the rows is a sum."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward")
def bias_gradients_of_the_sum(params, outputs, Y):
    """Your weights' gradients are right, and those of the biases too large by exactly the size of the batch: the mean
    has to reach every parameter."""
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"] / len(Y),
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"] / len(Y),
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def weight_gradients_of_the_sum(params, outputs, Y):
    """Your biases' gradients are right, and those of the weights too large by exactly the size of the batch: a matrix
    product over the batch is a sum, and nobody has divided it."""
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward")
def targets_minus_predictions(params, outputs, Y):
    """All your gradients have the wrong sign. Raising the score of a class that is too probable already makes the loss
    larger: which of yhat and Y comes first?"""
    delta_y = (Y - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def scores_in_place_of_probabilities(params, outputs, Y):
    """Your gradient starts from the scores minus the targets. It is the probabilities that are compared with the
    targets: look at which output you take."""
    delta_y = (outputs["ytilde"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def softmax_derived_twice(params, outputs, Y):
    """You multiply yhat - Y by yhat (1 - yhat). But yhat - Y is the gradient with respect to the scores already: the
    derivative of the softmax is in it. The extra factor belongs to a sigmoid with a squared error."""
    delta_y = (outputs["yhat"] - Y) * outputs["yhat"] * (1 - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def softmax_derived_class_by_class(params, outputs, Y):
    """Only the right class of each example gets a gradient at its score. A score changes the probabilities of all the
    classes, through the denominator: the derivative of the softmax is a whole matrix, and you use its diagonal."""
    delta_y = -Y * (1 - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def loss_derived_past_the_softmax(params, outputs, Y):
    """Your gradient is -Y / yhat, the derivative with respect to the probabilities. The one with respect to the scores
    is asked for next, and the softmax lies between."""
    delta_y = -Y / outputs["yhat"] / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def gradient_of_the_squared_error(params, outputs, Y):
    """Your gradients are twice those asked for: a 2 has come in from a squared error. The loss here is the
    cross-entropy, whose gradient has none."""
    delta_y = 2 * (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def relu_derivative_in_place_of_tanh(params, outputs, Y):
    """Your second layer is right and the first is not: you let the gradient pass where `h` is positive, and stop it
    elsewhere. That is the derivative of a ReLU; derive tanh."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (outputs["h"] > 0)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def one_minus_h_without_the_square(params, outputs, Y):
    """Your second layer is right and the first is not: the derivative of tanh is close to your 1 - h, but it has to be
    the same for h and for -h."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"])
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def sigmoid_derivative_in_place_of_tanh(params, outputs, Y):
    """Your second layer is right and the first is not: h (1 - h) is the derivative of a sigmoid. Derive tanh, and write
    it with its own value."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * outputs["h"] * (1 - outputs["h"])
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def derivative_of_tanh_left_out(params, outputs, Y):
    """Your second layer is right and the first is too large: on its way back from `h` to `htilde` the gradient passes
    the tanh, and yours passes as if it were not there."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"]
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def tanh_of_the_tanh(params, outputs, Y):
    """Your second layer is right and the first is not: the derivative is written with the tanh of `htilde`, and you
    take the tanh of `h`, which is one already."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - torch.tanh(outputs["h"]) ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def derivative_from_the_values_before_the_tanh(params, outputs, Y):
    """Your second layer is right and the first is not: you put `htilde` where the formula has `h`. Its square can
    exceed 1, and the gradient then changes its sign."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["htilde"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def square_of_the_derivative(params, outputs, Y):
    """Your second layer is right and the first too small: (1 - h²) is squared as a whole. Look at your parentheses."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2) ** 2
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def output_weights_transposed_on_the_way_back(params, outputs, Y):
    """You send the gradient back through the transpose of `Wy`, as the forward pass does; where nh and ny differ it
    does not even fit. (batch, ny) is to become (batch, nh): which way round does that need `Wy`?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"].T * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def output_weights_left_out_on_the_way_back(params, outputs, Y):
    """Every hidden neuron of an example gets the same gradient from the scores: you sum them, without their weights.
    What connects a score to a hidden neuron is an entry of `Wy`."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y.sum(dim=1, keepdim=True) * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def weight_gradients_transposed(params, outputs, Y):
    """The gradients of your weights are transposed: a gradient has the shape of its parameter, (out, in)."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": outputs["X"].T @ delta_h,
        "bh": delta_h.sum(dim=0),
        "Wy": outputs["h"].T @ delta_y,
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def output_weights_gradient_from_htilde(params, outputs, Y):
    """Only the gradient of `Wy` is wrong: it is made with `htilde`. What did `Wy` multiply in the forward pass?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["htilde"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def hidden_weights_gradient_from_h(params, outputs, Y):
    """The gradient of `Wh` is made with `h`, so that it is (nh, nh), or wrong where nx and nh are equal. What did `Wh`
    multiply in the forward pass?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["h"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def bias_gradients_not_summed(params, outputs, Y):
    """The gradients of your biases have a row for each example. A bias serves all the examples, so it collects from all
    of them."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h,
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y,
    }


@instead_of("backward")
def bias_gradients_summed_over_the_neurons(params, outputs, Y):
    """The gradients of your biases have one number for each example, and should have one for each neuron. Which axis is
    the batch?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=1),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=1),
    }


@instead_of("backward")
def bias_gradients_summed_over_everything(params, outputs, Y):
    """The gradient of each of your biases is a single number: a sum without `dim` runs over the neurons too. It goes
    over the examples only."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(),
    }


@instead_of("backward")
def hidden_bias_gradient_from_h(params, outputs, Y):
    """Only the gradient of `bh` is wrong: it misses the derivative of tanh. A bias is added before the activation, so
    its gradient is taken there."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": (delta_y @ params["Wy"]).sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def bias_gradients_missing(params, outputs, Y):
    """Your gradients have no `bh` and no `by`. A bias is a parameter like any other."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "Wy": delta_y.T @ outputs["h"],
    }


@instead_of("backward")
def gradients_named_otherwise(params, outputs, Y):
    """Your gradients carry other names than the parameters. `sgd` finds them by the same names: `Wh`, `bh`, `Wy`,
    `by`."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "dWh": delta_h.T @ outputs["X"],
        "dbh": delta_h.sum(dim=0),
        "dWy": delta_y.T @ outputs["h"],
        "dby": delta_y.sum(dim=0),
    }


@instead_of("backward")
def outputs_written_into(params, outputs, Y):
    """The gradients are right, but `outputs["yhat"]` is not the same afterwards: `-=` writes into the tensor that the
    caller gave you. Make a new one."""
    delta_y = outputs["yhat"]
    delta_y -= Y
    delta_y = delta_y / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward")
def batch_size_of_ten_assumed(params, outputs, Y):
    """Your gradients are right for a batch of ten, and for no other: the 10 stands in your code. The last batch of an
    epoch may be shorter; ask the tensors how many they are."""
    delta_y = (outputs["yhat"] - Y) / 10
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("sgd")
def plus_in_place_of_minus(params, grads, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign has a descent?"""
    return {name: value + eta * grads[name] for name, value in params.items()}


@instead_of("sgd")
def learning_rate_left_out(params, grads, eta):
    """Your step is the whole gradient, whatever `eta` is. How far to go along it is for the learning rate to say."""
    return {name: value - grads[name] for name, value in params.items()}


@instead_of("sgd")
def divided_by_the_learning_rate(params, grads, eta):
    """Your steps get shorter as `eta` grows: you divide by it."""
    return {name: value - grads[name] / eta for name, value in params.items()}


@instead_of("sgd")
def weights_shrunk_as_well(params, grads, eta):
    """Your step also multiplies the parameters by 1 - eta: look at what the learning rate multiplies. Only the gradient
    should be scaled."""
    return {name: value - eta * (value + grads[name]) for name, value in params.items()}


@instead_of("sgd")
def biases_never_updated(params, grads, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other, with a gradient of its own."""
    return {
        "Wh": params["Wh"] - eta * grads["Wh"],
        "bh": params["bh"],
        "Wy": params["Wy"] - eta * grads["Wy"],
        "by": params["by"],
    }


@instead_of("sgd")
def only_the_output_layer_updated(params, grads, eta):
    """Only `Wy` and `by` move; the hidden layer stays as it was drawn. Go through all the parameters."""
    return {
        "Wh": params["Wh"],
        "bh": params["bh"],
        "Wy": params["Wy"] - eta * grads["Wy"],
        "by": params["by"] - eta * grads["by"],
    }


@instead_of("sgd")
def biases_missing_from_the_result(params, grads, eta):
    """What you return has no `bh` and no `by`. All four parameters are needed for the next forward pass."""
    return {name: params[name] - eta * grads[name] for name in ("Wh", "Wy")}


@instead_of("sgd")
def step_that_changes_nothing(params, grads, eta):
    """Your parameters stay as they were. `p = p - ...` makes a new tensor and gives it the name p; the dictionary keeps
    the old one. Put the new one in its place."""
    for name, value in params.items():
        value = value - eta * grads[name]
    return params


@instead_of("sgd")
def parameters_not_returned(params, grads, eta):
    """`sgd` returns nothing, and whoever goes on with its result has no parameters. Return them, in place or not."""
    for name in params:
        params[name] = params[name] - eta * grads[name]


@instead_of("sgd")
def step_returned_in_place_of_the_parameters(params, grads, eta):
    """You return the step and not where it leads: it has to be added to the parameters."""
    return {name: -eta * grads[name] for name in params}


@instead_of("sgd")
def gradients_scaled_in_place(params, grads, eta):
    """The parameters are right, but the gradients are not the same afterwards: `*=` writes into the caller's tensors.
    They are to stay as they are."""
    for gradient in grads.values():
        gradient *= eta
    return {name: value - grads[name] for name, value in params.items()}


@instead_of("sgd")
def gradient_normalised_to_length_one(params, grads, eta):
    """Every step of yours has the same length: you divide the gradient by its norm. In gradient descent the steps
    become shorter by themselves, as the slope does."""
    return {name: value - eta * grads[name] / grads[name].norm() for name, value in params.items()}


@instead_of("train")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is no multiple of the batch size, those left over are never used: an integer division
    rounds down. The last batch of an epoch is shorter, and counts."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def last_batch_always_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The last batch of each epoch is missing, a full one too: your range ends one batch early. Write down, for ten
    examples in batches of five, where each batch starts."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - batch_size, batch_size):
            batch = order[start : start + batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def last_batch_filled_up(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your last batch is as long as the others: it begins earlier, and some examples are seen twice in an epoch. It
    should hold those that are left, and no more."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            start = max(0, min(start, len(X) - batch_size))
            batch = order[start : start + batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your full batches are right, and the step of the last, shorter one is too small: its gradient is divided by
    `batch_size`, and it has fewer examples. The mean is over those there are."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            grads = backward(params, outputs, Y[batch])
            grads = {name: gradient * len(batch) / batch_size for name, gradient in grads.items()}
            params = sgd(params, grads, eta)
    return params


@instead_of("train")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch shows the same batches in the same order: you shuffle once, before the first. A new order each epoch
    lets the errors of single batches average out."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch. In data sorted by class, every batch pulls towards
    one class."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.arange(len(X))
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def inputs_shuffled_without_their_targets(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns nothing but the frequency of the classes: the inputs are put in a new order and the targets
    are not, so that they no longer belong together. One order serves both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params


@instead_of("train")
def inputs_and_targets_shuffled_apart(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns nothing but the frequency of the classes: inputs and targets are each put in a new order of
    their own. One order serves both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        inputs = X[torch.randperm(len(X), generator=generator)]
        targets = Y[torch.randperm(len(X), generator=generator)]
        for x, y in zip(inputs.split(batch_size), targets.split(batch_size), strict=True):
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params


@instead_of("train")
def data_shuffled_in_the_callers_tensors(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Training works, but `X` and `Y` are in another order afterwards: an assignment to `X[:]` writes into the caller's
    tensor. Give the shuffled copy a name of its own."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        X[:], Y[:] = X[order], Y[order]
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params


@instead_of("train")
def batches_drawn_with_replacement(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """In one epoch, some examples are seen twice and others not at all: you draw each index anew. An epoch shows every
    example exactly once: draw an order, not indices."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are not seen
    in that epoch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def one_batch_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training takes one step an epoch, on one batch. An epoch is a pass over all the batches: a second loop is
    missing inside the first."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        batch = order[:batch_size]
        _, outputs = forward(params, X[batch])
        params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def one_step_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move once an epoch, by the gradient of its last batch. A step belongs to each batch: look at the
    indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            grads = backward(params, outputs, Y[batch])
        params = sgd(params, grads, eta)
    return params


@instead_of("train")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every step of yours uses all the examples, so that `batch_size` only sets how many steps there are. In mini-batch
    descent a step sees one batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            _, outputs = forward(params, X)
            params = sgd(params, backward(params, outputs, Y), eta)
    return params


@instead_of("train")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You cut the examples into `batch_size` batches. It is the number of examples in one."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def one_epoch_too_few(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends one epoch early; with `epochs=1` nothing happens at all. How many numbers are there in
    `range(1, epochs)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(1, epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def one_epoch_too_many(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training runs one epoch too long: `epochs=0` should return the initial parameters, and yours have moved. How
    many numbers are there in `range(epochs + 1)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def epochs_counted_in_steps(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training stops after as many steps as there should be epochs. An epoch is a pass over all the examples, of
    several steps."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    steps = 0
    while steps < epochs:
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            if steps == epochs:
                break
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
            steps += 1
    return params


@instead_of("train")
def generator_ignored_for_the_orders(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same `generator` gives another training each time: the first weights depend on it, the orders of the examples
    do not. Whatever draws has to be told which generator to draw from."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def generator_ignored_for_the_weights(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same `generator` gives other first weights each time: look at what `train` hands to `init_params`."""
    params = init_params(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def same_random_numbers_every_time(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training is the same each time, whatever the caller's generator: a seed is set inside `train`. Seeds are for
    whoever runs the experiment; a function that sets one takes that choice away."""
    generator = torch.Generator().manual_seed(0)
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def new_parameters_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """What an epoch has learned is thrown away by the next: the parameters are drawn inside the loop over the epochs,
    so that only the last one counts. Which lines belong before the loop?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        params = init_params(X.shape[1], nh, Y.shape[1], generator)
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained network has ten hidden neurons, whatever `nh` says: look at what `train` hands to `init_params`."""
    params = init_params(X.shape[1], 10, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are those of a learning rate of 0.1, whatever `eta` says: look at what `train` hands to `sgd`."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), 0.1)
    return params


@instead_of("train")
def batch_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches hold ten examples, whatever `batch_size` says. A number that stands in the signature should not
    stand in the body."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(10):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def learning_rate_divided_by_the_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too small by exactly the size of the batch: the gradient is one of a mean, so it has been divided
    already. That the last batch moves as far as a full one is meant."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta / len(batch))
    return params


@instead_of("train")
def result_of_the_step_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training returns the initial parameters: `sgd` gives back new ones, and you do not keep them. Put a name
    before the call."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def second_layer_moved_before_the_first_is_derived(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your gradient of the hidden layer is made with the `Wy` of after the step, and its forward pass with the one of
    before. All gradients belong to the same parameters: compute the four, then take the step."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            grads = backward(params, outputs, Y[batch])
            moved = sgd(params, grads, eta)
            params = params | {"Wy": moved["Wy"], "by": moved["by"]}
            grads = backward(params, outputs, Y[batch])
            params = params | {"Wh": params["Wh"] - eta * grads["Wh"], "bh": params["bh"] - eta * grads["bh"]}
    return params


@instead_of("train")
def one_forward_pass_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use outputs from its beginning: the forward pass stands outside the loop over the batches.
    After each step the parameters are others, and so are the outputs."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        _, outputs = forward(params, X)
        for batch in order.split(batch_size):
            seen = {name: value[batch] for name, value in outputs.items()}
            params = sgd(params, backward(params, seen, Y[batch]), eta)
    return params


@instead_of("train")
def gradients_added_up(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your first step is right, and each later one repeats all those before it: you add each batch's gradients to those
    of the last. Every step begins with fresh ones."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    total = {name: torch.zeros_like(value) for name, value in params.items()}
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            for name, gradient in backward(params, outputs, Y[batch]).items():
                total[name] = total[name] + gradient
            params = sgd(params, total, eta)
    return params


@instead_of("train")
def learning_rate_halved_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your first epoch is right, and later ones move less and less: the learning rate is changed on the way. Here it
    stays as it is given."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
        eta = eta / 2
    return params


@instead_of("train")
def losses_returned_as_well(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return the parameters together with the losses. Plot those where you like; the parameters alone are asked
    for."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, outputs = forward(params, X[batch])
            losses.append(float(loss_accuracy(yhat, Y[batch])[0]))
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params, losses


@instead_of("train")
def stopped_after_the_first_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends after one epoch, whatever `epochs` says: the `return` stands inside the loop. With `epochs=0`
    it returns nothing at all."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
        return params
