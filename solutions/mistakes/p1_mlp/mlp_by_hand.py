"""Known mistakes of `mlp_by_hand`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, forward and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_params", title="weights of shape (in, out) instead of (out, in)")
def weights_stored_as_in_by_out(nx, nh, ny, generator=None):
    """Your matrices are transposed: (nx, nh) and (nh, ny), inputs first. The convention here is that of
    `torch.nn.Linear`, (out, in): each row holds the weights of one neuron."""
    return {
        "Wh": 0.3 * torch.randn(nx, nh, generator=generator),
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "Wy": 0.3 * torch.randn(nh, ny, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="standard deviation of 1 instead of 0.3")
def standard_deviation_of_one(nx, nh, ny, generator=None):
    """Your weights are about three times too large: `torch.randn` draws with standard deviation 1, but it should be
    0.3. Large weights push tanh to where it is flat, and learning stalls."""
    return {
        "Wh": torch.randn(nh, nx, generator=generator),
        "bh": torch.randn(nh, generator=generator),
        "Wy": torch.randn(ny, nh, generator=generator),
        "by": torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="0.3 taken as the variance instead of the standard deviation")
def variance_instead_of_standard_deviation(nx, nh, ny, generator=None):
    """Your weights have the variance 0.3, and so a standard deviation of 0.55. But 0.3 should be the standard
    deviation: in N(0, 0.3²) it is the square that is the variance."""
    return {
        "Wh": 0.3**0.5 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3**0.5 * torch.randn(nh, generator=generator),
        "Wy": 0.3**0.5 * torch.randn(ny, nh, generator=generator),
        "by": 0.3**0.5 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="variance used as the standard deviation")
def standard_deviation_squared(nx, nh, ny, generator=None):
    """Your weights have the standard deviation 0.09: you squared the 0.3. The notation N(0, 0.3²) gives the variance,
    but random functions expect the standard deviation."""
    return {
        "Wh": torch.normal(0.0, 0.3**2, (nh, nx), generator=generator),
        "bh": torch.normal(0.0, 0.3**2, (nh,), generator=generator),
        "Wy": torch.normal(0.0, 0.3**2, (ny, nh), generator=generator),
        "by": torch.normal(0.0, 0.3**2, (ny,), generator=generator),
    }


@instead_of("init_params", title="weights scaled by the number of inputs")
def one_over_the_root_of_the_inputs(nx, nh, ny, generator=None):
    """Your weights get smaller as a layer gets more inputs: you divide by the square root of their number. That is a
    good rule, but here the standard deviation should be 0.3, whatever the sizes."""
    return {
        "Wh": torch.randn(nh, nx, generator=generator) / nx**0.5,
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "Wy": torch.randn(ny, nh, generator=generator) / nh**0.5,
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="uniform instead of normal distribution")
def uniform_instead_of_normal(nx, nh, ny, generator=None):
    """Your weights all lie between -0.3 and 0.3: they are drawn from a uniform distribution. They should come from a
    normal one, in which about one weight in three is larger than its standard deviation."""
    return {
        "Wh": 0.6 * torch.rand(nh, nx, generator=generator) - 0.3,
        "bh": 0.6 * torch.rand(nh, generator=generator) - 0.3,
        "Wy": 0.6 * torch.rand(ny, nh, generator=generator) - 0.3,
        "by": 0.6 * torch.rand(ny, generator=generator) - 0.3,
    }


@instead_of("init_params", title="weights never negative")
def only_positive_weights(nx, nh, ny, generator=None):
    """None of your weights is negative: `torch.rand` draws uniformly from [0, 1). The function that draws from a normal
    distribution around 0 has one more letter in its name."""
    return {
        "Wh": 0.3 * torch.rand(nh, nx, generator=generator),
        "bh": 0.3 * torch.rand(nh, generator=generator),
        "Wy": 0.3 * torch.rand(ny, nh, generator=generator),
        "by": 0.3 * torch.rand(ny, generator=generator),
    }


@instead_of("init_params", title="0.3 added to the weights instead of scaling them")
def weights_shifted_instead_of_scaled(nx, nh, ny, generator=None):
    """Your weights have mean 0.3 and standard deviation 1: you add the 0.3 where it should scale. The mean should be 0
    and the standard deviation 0.3."""
    return {
        "Wh": 0.3 + torch.randn(nh, nx, generator=generator),
        "bh": 0.3 + torch.randn(nh, generator=generator),
        "Wy": 0.3 + torch.randn(ny, nh, generator=generator),
        "by": 0.3 + torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="weights initialized to zero")
def all_weights_start_at_zero(nx, nh, ny, generator=None):
    """All your weights start at 0. Then every hidden neuron computes the same value and gets the same gradient, and
    they never become different. Biases may start at 0; weights have to be drawn at random."""
    return {
        "Wh": torch.zeros(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": torch.zeros(ny, nh),
        "by": torch.zeros(ny),
    }


@instead_of("init_params", title="biases initialized to one")
def biases_start_at_one(nx, nh, ny, generator=None):
    """Your biases start at 1. Draw them like the weights, or let them start at 0: a neuron should not favour one side
    before it has seen any data."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": torch.ones(nh),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": torch.ones(ny),
    }


@instead_of("init_params")
def one_bias_for_a_whole_layer(nx, nh, ny, generator=None):
    """You have a single bias for each layer. Broadcasting hides it, but then all neurons of the layer move up and down
    together: each neuron should have its own bias."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(1, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(1, generator=generator),
    }


@instead_of("init_params", title="one bias for each input instead of each neuron")
def bias_as_long_as_the_input(nx, nh, ny, generator=None):
    """Each of your bias vectors has as many entries as its layer has inputs. A bias is added to the output of the
    layer: it needs one entry for each neuron."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nx, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(nh, generator=generator),
    }


@instead_of("init_params", title="biases missing from the parameters")
def biases_missing(nx, nh, ny, generator=None):
    """Your dictionary has no `bh` and no `by`. Without biases every hidden neuron is 0 at the origin; both layers
    should have one."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
    }


@instead_of("init_params", title="parameter keys misspelt")
def keys_spelt_another_way(nx, nh, ny, generator=None):
    """The keys of your dictionary are not `Wh`, `bh`, `Wy` and `by`. Upper and lower case matter: other functions look
    for exactly these names."""
    return {
        "wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nh, generator=generator),
        "wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params")
def hidden_size_ignored(nx, nh, ny, generator=None):
    """Your network always has ten hidden neurons, whatever `nh` says. A value that is passed in as an argument should
    not be fixed in the body."""
    return {
        "Wh": 0.3 * torch.randn(10, nx, generator=generator),
        "bh": 0.3 * torch.randn(10, generator=generator),
        "Wy": 0.3 * torch.randn(ny, 10, generator=generator),
        "by": 0.3 * torch.randn(ny, generator=generator),
    }


@instead_of("init_params", title="generator ignored")
def generator_not_passed_on(nx, nh, ny, generator=None):
    """The same `generator` gives different parameters each time: `torch.randn` draws from the global random state
    unless you pass it a generator. Each of your draws needs it."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params", title="generator used for the weights only")
def generator_for_the_weights_only(nx, nh, ny, generator=None):
    """The same `generator` gives the same weights, but different biases each time: only some of your draws use the
    generator."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params", title="seed set inside the function")
def seed_set_inside(nx, nh, ny, generator=None):
    """Your parameters are the same each time, whatever the caller's random state: a seed is set inside. The caller
    should choose the seed; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 0.3 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 0.3 * torch.randn(ny),
    }


@instead_of("init_params")
def parameters_in_float64(nx, nh, ny, generator=None):
    """Your parameters are float64, which is NumPy's default but not PyTorch's. They should be float32: a matrix product
    with float32 inputs raises an error otherwise."""
    return {
        "Wh": 0.3 * torch.randn(nh, nx, generator=generator, dtype=torch.float64),
        "bh": 0.3 * torch.randn(nh, generator=generator, dtype=torch.float64),
        "Wy": 0.3 * torch.randn(ny, nh, generator=generator, dtype=torch.float64),
        "by": 0.3 * torch.randn(ny, generator=generator, dtype=torch.float64),
    }


@instead_of("forward", title="no activation in the hidden layer")
def no_activation(params, X):
    """Your `h` equals your `htilde`: the tanh is missing. Without an activation between them, two linear layers can do
    no more than one, and a straight line cannot separate the circles."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def relu_instead_of_tanh(params, X):
    """Your hidden values are never negative: they go through a ReLU. This network should use the hyperbolic tangent."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.relu(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_tanh(params, X):
    """Your hidden values lie in (0, 1): that is a sigmoid. The hyperbolic tangent goes from -1 to 1."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="scores computed from the values before the activation")
def scores_from_the_values_before_the_tanh(params, X):
    """You compute `h` but do not use it: your scores come from `htilde`, so the network is still linear. Which of the
    two should go into the second layer?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = htilde @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="scores computed from the inputs")
def scores_from_the_inputs(params, X):
    """You compute the scores from `X`, skipping the hidden layer; where nx and nh differ, the shapes do not even fit.
    What should the second layer take as its input?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = X @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="hidden bias added to the scores")
def bias_of_the_hidden_layer_on_the_scores(params, X):
    """You add `bh` to the scores, where `by` belongs; where nh and ny differ, the shapes do not even fit. If you copied
    the line from the first layer, check every name in it."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["bh"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def biases_never_added(params, X):
    """Your layers only multiply by a matrix: the biases are never added, so an input of zeros gives every class the
    same probability."""
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


@instead_of("forward", title="biases subtracted")
def bias_subtracted(params, X):
    """You subtract your biases. The layer is defined as the product plus the bias, and its gradient has the sign that
    goes with that."""
    htilde = X @ params["Wh"].T - params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T - params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="weights and inputs multiplied in the wrong order")
def matrix_on_the_left_of_the_batch(params, X):
    """You multiply `Wh` by `X`, as formulas do where an example is a column. Here an example is a row, and the inner
    sizes match only by chance. Write the shapes next to each other: (batch, nx) should become (batch, nh)."""
    htilde = torch.matmul(params["Wh"], X) + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="weights not transposed")
def matrices_not_transposed(params, X):
    """You multiply `X` by `Wh` as it is. The weights are (out, in), so (batch, nx) times (nh, nx) does not fit, or fits
    only because two sizes happen to be equal. How do you turn (out, in) into (in, out)?"""
    htilde = X @ params["Wh"] + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"] + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_over_the_batch(params, X):
    """Your columns sum to 1 and your rows do not: the examples of the batch compete with each other instead of the
    classes of one example. Which axis of (batch, ny) holds the classes?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=0)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="softmax normalized over the whole batch")
def normalized_over_the_whole_batch(params, X):
    """All your probabilities together sum to 1, but each row should. A sum without `dim` runs over the whole batch;
    each example needs its own denominator."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.exp(ytilde) / torch.exp(ytilde).sum()
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_left_out(params, X):
    """Your `yhat` holds the scores: some are negative, and the rows do not sum to 1. What turns scores into
    probabilities?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = ytilde
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_applied_twice(params, X):
    """Your rows sum to 1, but all probabilities are nearly the same: you apply the softmax to its own result, whose
    values lie between 0 and 1 and differ too little."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(torch.softmax(ytilde, dim=1), dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_softmax(params, X):
    """Each of your probabilities lies between 0 and 1, but a row does not sum to 1: a sigmoid looks at one score at a
    time, while in a softmax the classes compete."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.sigmoid(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="log-softmax instead of softmax")
def logarithm_of_the_probabilities(params, X):
    """Your `yhat` is negative: it is the logarithm of the probabilities. The loss takes the logarithm later; `yhat`
    should be the probabilities themselves."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1).log()
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def tanh_on_the_scores(params, X):
    """Your scores all lie between -1 and 1: you apply a tanh to the second layer too. Then no class can ever be much
    more probable than another. Which of the two layers should have the activation?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = torch.tanh(h @ params["Wy"].T + params["by"])
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def inputs_missing_from_the_outputs(params, X):
    """Your `outputs` has no `X`. It is not a result, but the gradient of the first layer's weights is computed from it,
    and `backward` cannot get it from anywhere else."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_values_missing_from_the_outputs(params, X):
    """Your `outputs` has no `h`. Keep every step under its name: `X`, `htilde`, `h`, `ytilde`, `yhat`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="output keys misspelt")
def outputs_spelt_another_way(params, X):
    """The keys of your `outputs` are not the ones the exercise asks for: `X`, `htilde`, `h`, `ytilde`, `yhat`, without
    underscores and in this case."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "h_tilde": htilde, "h": h, "y_tilde": ytilde, "y_hat": yhat}


@instead_of("forward", title="return values in the wrong order")
def results_in_the_wrong_order(params, X):
    """You return the dictionary first and the probabilities second. The order is `(yhat, outputs)`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}, yhat


@instead_of("forward")
def only_the_probabilities_returned(params, X):
    """You return only the probabilities. `backward` needs the intermediate steps too: return both, `(yhat,
    outputs)`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat


@instead_of("forward", title="activation computed in place")
def tanh_written_over_its_input(params, X):
    """Your `htilde` is the same as `h`: a method whose name ends in an underscore writes its result over the tensor it
    is called on, so both names refer to the same tensor."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde.tanh_()
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="probabilities stored as the scores")
def probabilities_kept_as_the_scores(params, X):
    """`outputs["ytilde"]` holds the probabilities. The scores, before the softmax, belong under that name."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": yhat, "yhat": yhat}


@instead_of("forward", title="results in float32 for float64 inputs")
def everything_in_float32(params, X):
    """float64 inputs give float32 results, and half of their digits are lost. Look for a `.float()`, or for a tensor
    made without a dtype, and keep the dtype of the inputs."""
    htilde = X.float() @ params["Wh"].float().T + params["bh"].float()
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].float().T + params["by"].float()
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("loss_accuracy")
def loss_summed_over_the_batch(Yhat, Y):
    """Your loss is too large by exactly the size of the batch: it is the sum over the examples, but should be their
    mean. A sum grows with the batch, and so would the steps."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_averaged_over_batch_and_classes(Yhat, Y):
    """Your loss is too small by exactly the number of classes: a mean over all batch × ny entries divides by ny as
    well. Over the classes the formula has a sum; only over the examples it has a mean."""
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


@instead_of("loss_accuracy", title="loss not averaged over the batch")
def one_loss_for_each_example(Yhat, Y):
    """Your loss is a vector with one number for each example. It should be a single number, their mean."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="minus sign missing in the loss")
def minus_sign_missing(Yhat, Y):
    """Your loss is negative. The logarithm of a probability is never above 0; what turns it into a loss that is large
    when the answer is wrong?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = (Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_of_zero(Yhat, Y):
    """Your loss is NaN as soon as a probability is 0: log(0) is minus infinity, and 0 times infinity is NaN, so even a
    class whose target is 0 spoils the sum. Keep the logarithm away from 0."""
    L = -(Y * Yhat.log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="infinite loss where the correct class has probability 0")
def infinite_loss_at_probability_zero(Yhat, Y):
    """A probability of 0 is harmless now where the target is 0, but for the correct class your loss is infinite. It
    should be large but finite: otherwise one example decides the mean, and an infinite loss has no useful gradient."""
    L = -torch.xlogy(Y, Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="no loss where the correct class has probability 0")
def worst_error_at_no_cost(Yhat, Y):
    """Where the correct class has probability 0, your loss adds nothing: you replace minus infinity by 0, so the worst
    possible error costs the least. How large should the loss be there?"""
    L = -(Y * torch.nan_to_num(Yhat.log(), neginf=0.0)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="number added in the logarithm too large")
def guard_of_the_logarithm_too_large(Yhat, Y):
    """Your loss is a little too small everywhere, and never above 7: the number that keeps the logarithm away from 0 is
    so large that it changes the probabilities. 1e-8 is enough."""
    L = -(Y * (Yhat + 1e-3).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="caller's probabilities changed in place")
def zeros_replaced_in_the_callers_tensor(Yhat, Y):
    """Your loss is right, but `Yhat` has changed afterwards: an assignment to its entries, or a method whose name ends
    in an underscore, writes into the caller's tensor. Make a new one."""
    Yhat[Yhat == 0] = 1e-12
    L = -(Y * Yhat.log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="probabilities used as scores in the loss")
def probabilities_taken_for_scores(Yhat, Y):
    """Your loss never comes near 0, however confident and right the prediction: you apply a softmax, or a log-sum-exp,
    to `Yhat`, which already holds probabilities."""
    L = -(Y * torch.log_softmax(Yhat, dim=1)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="mean squared error instead of cross-entropy")
def mean_squared_error(Yhat, Y):
    """Your loss is the mean squared error. That loss is for predicting quantities. For classes, use the cross-entropy:
    its gradient stays large where a prediction is confidently wrong."""
    L = ((Yhat - Y) ** 2).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="binary cross-entropy instead of cross-entropy")
def binary_cross_entropy_of_each_class(Yhat, Y):
    """Your loss also counts log(1 - yhat) of the wrong classes: that is the binary cross-entropy, for classes that do
    not exclude each other. With a softmax the wrong classes count already: any probability they have is missing from
    the correct one."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log() + (1 - Y) * (1 - Yhat).clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_two(Yhat, Y):
    """Your loss is too large by a factor of 1.4427: you use the logarithm to base 2, which measures in bits. Use the
    natural logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log2()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_ten(Yhat, Y):
    """Your loss is too small by a factor of 2.3026: you use the logarithm to base 10. Use the natural logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log10()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_left_out(Yhat, Y):
    """Your loss is minus the mean probability of the correct class, which lies between -1 and 0. Where is the
    logarithm?"""
    L = -(Y * Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def targets_and_predictions_swapped(Yhat, Y):
    """You take the logarithm of the targets and weight it with the predictions. In the cross-entropy it is the other
    way round: the targets are the weights."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Yhat * Y.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_of_the_predicted_class(Yhat, Y):
    """Your loss is small wherever the network is confident, right or wrong: it takes the probability of the predicted
    class. Which class's probability should it take?"""
    L = -Yhat.max(dim=1).values.log().mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(Yhat, Y):
    """Your accuracy is a hundred times too large: it should be a fraction in [0, 1], not a percentage."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = 100 * (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_count(Yhat, Y):
    """Your accuracy is the number of right answers. It should be a fraction of the batch."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).sum()
    return L, acc


@instead_of("loss_accuracy", title="accuracy counts the errors")
def errors_counted_instead_of_hits(Yhat, Y):
    """Your accuracy is 1 minus the correct one: you return the fraction of wrong answers."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) != Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy")
def argmax_over_the_batch(Yhat, Y):
    """Your argmax runs over the examples: it finds the best example for each class instead of the best class for each
    example. Which axis of (batch, ny) holds the classes?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=0) == Y.argmax(dim=0)).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="accuracy compared entry by entry")
def accuracy_entry_by_entry(Yhat, Y):
    """You compare all batch × ny entries of the one-hot tables, so zeros that both tables share count as right answers.
    An example is right or wrong as a whole."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (torch.eye(Y.shape[1])[Yhat.argmax(dim=1)] == Y).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="correct only above a probability of one half")
def accuracy_by_a_threshold_of_one_half(Yhat, Y):
    """Your accuracy counts an example only where the correct class has a probability above one half. With three or more
    classes it can win with less: what matters is which probability is the highest."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = ((Yhat * Y).sum(dim=1) > 0.5).to(Yhat.dtype).mean()
    return L, acc


@instead_of("loss_accuracy", title="loss and accuracy returned in the wrong order")
def loss_and_accuracy_swapped(Yhat, Y):
    """You return the accuracy first and the loss second. The order is `(L, acc)`."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).to(Yhat.dtype).mean()
    return acc, L


@instead_of("backward", title="gradient of the summed loss")
def gradient_of_the_sum(params, outputs, Y):
    """All your gradients are too large by exactly the size of the batch: they are those of the sum of the losses, but
    the loss is their mean. What does the mean do to every gradient?"""
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
    """All your gradients are too small by exactly the number of classes: you divide by all batch × ny entries. The loss
    is a mean over the examples only."""
    delta_y = (outputs["yhat"] - Y) / Y.numel()
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="gradients divided by the batch size twice")
def mean_taken_twice(params, outputs, Y):
    """All your gradients are too small by exactly the size of the batch: you divide by it at the scores and again at
    the parameters. Do it only once, in either place."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"] / len(Y),
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"] / len(Y),
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward", title="gradients divided by the batch size at each layer")
def mean_taken_at_each_layer(params, outputs, Y):
    """Your second layer is right, but the gradients of the first are too small by exactly the size of the batch: the
    gradient that arrives from the layer above has been divided already, and you divide it again."""
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
    """The gradients of your weights are right, but those of the biases are too small by exactly the size of the batch:
    you take the mean of values that have already been divided by the batch size. How should the rows be combined
    instead?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward", title="bias gradients not divided by the batch size")
def bias_gradients_of_the_sum(params, outputs, Y):
    """The gradients of your weights are right, but those of the biases are too large by exactly the size of the batch:
    the mean in the loss affects every parameter."""
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"] / len(Y),
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"] / len(Y),
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="weight gradients not divided by the batch size")
def weight_gradients_of_the_sum(params, outputs, Y):
    """The gradients of your biases are right, but those of the weights are too large by exactly the size of the batch:
    a matrix product over the batch is a sum, and you never divide it."""
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.mean(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.mean(dim=0),
    }


@instead_of("backward", title="gradient with the wrong sign")
def targets_minus_predictions(params, outputs, Y):
    """All your gradients have the wrong sign. For a wrong class, raising the score should raise the loss: which of yhat
    and Y comes first?"""
    delta_y = (Y - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="gradient computed from scores instead of probabilities")
def scores_instead_of_probabilities(params, outputs, Y):
    """Your gradient starts from the scores minus the targets. The targets should be compared with the probabilities:
    look at which output you use."""
    delta_y = (outputs["ytilde"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of the softmax applied twice")
def derivative_of_softmax_applied_twice(params, outputs, Y):
    """You multiply yhat - Y by yhat (1 - yhat). But yhat - Y is already the gradient with respect to the scores: it
    includes the derivative of the softmax. The extra factor belongs to a sigmoid with a squared error."""
    delta_y = (outputs["yhat"] - Y) * outputs["yhat"] * (1 - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="off-diagonal derivatives of the softmax left out")
def off_diagonal_derivatives_of_softmax_left_out(params, outputs, Y):
    """Only the score of the correct class of each example gets a gradient. A score changes the probabilities of all
    classes through the denominator: the derivative of the softmax is a whole matrix, and you use only its diagonal."""
    delta_y = -Y * (1 - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of the softmax left out")
def derivative_of_softmax_left_out(params, outputs, Y):
    """Your gradient is -Y / yhat, the derivative with respect to the probabilities. The next layer needs the one with
    respect to the scores, and the softmax lies between the two."""
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
    """Your gradients are twice as large as they should be: the factor 2 comes from a squared error. The loss here is
    the cross-entropy, whose gradient does not have it."""
    delta_y = 2 * (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of ReLU instead of tanh")
def relu_derivative_instead_of_tanh(params, outputs, Y):
    """Your second layer is right but the first is not: you let the gradient pass where `h` is positive, and stop it
    elsewhere. That is the derivative of a ReLU; use that of tanh."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (outputs["h"] > 0)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="square missing in the derivative of tanh")
def one_minus_h_without_the_square(params, outputs, Y):
    """Your second layer is right but the first is not: the derivative of tanh looks like your 1 - h, but it has to be
    the same for h and for -h."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"])
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of the sigmoid instead of tanh")
def sigmoid_derivative_instead_of_tanh(params, outputs, Y):
    """Your second layer is right but the first is not: h (1 - h) is the derivative of a sigmoid. Differentiate tanh,
    and express the result through its value h."""
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
    """Your second layer is right but the gradients of the first are too large: on its way back from `h` to `htilde` the
    gradient passes through the tanh, and you leave out its derivative."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"]
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="tanh applied twice in the backward pass")
def tanh_of_the_tanh(params, outputs, Y):
    """Your second layer is right but the first is not: the derivative contains the tanh of `htilde`, but you take the
    tanh of `h`, which already is one."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - torch.tanh(outputs["h"]) ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of tanh computed from htilde instead of h")
def derivative_from_the_values_before_the_tanh(params, outputs, Y):
    """Your second layer is right but the first is not: you use `htilde` where the formula has `h`. Its square can
    exceed 1, which flips the sign of the gradient."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["htilde"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="derivative of tanh squared")
def square_of_the_derivative(params, outputs, Y):
    """Your second layer is right but the gradients of the first are too small: (1 - h²) is squared as a whole. Look at
    your parentheses."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2) ** 2
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="output weights transposed in the backward pass")
def output_weights_transposed_on_the_way_back(params, outputs, Y):
    """You send the gradient back through the transpose of `Wy`, as the forward pass does; where nh and ny differ it
    does not even fit. (batch, ny) should become (batch, nh): does that need `Wy` or its transpose?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"].T * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="output weights left out of the backward pass")
def output_weights_left_out_on_the_way_back(params, outputs, Y):
    """All hidden neurons of an example get the same gradient from the scores: you sum over the scores without weights.
    The connection from a hidden neuron to a score is an entry of `Wy`."""
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


@instead_of("backward", title="gradient of the output weights computed from htilde")
def output_weights_gradient_from_htilde(params, outputs, Y):
    """Only the gradient of `Wy` is wrong: you compute it from `htilde`. What is `Wy` multiplied with in the forward
    pass?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["htilde"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="gradient of the hidden weights computed from h")
def hidden_weights_gradient_from_h(params, outputs, Y):
    """You compute the gradient of `Wh` from `h`, so its shape is (nh, nh), or its values are wrong where nx equals nh.
    What is `Wh` multiplied with in the forward pass?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["h"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="bias gradients not summed over the batch")
def bias_gradients_not_summed(params, outputs, Y):
    """The gradients of your biases have one row for each example. A bias is used by all examples, so its gradient has
    to collect their contributions."""
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
    """The gradients of your biases have one entry for each example, but should have one for each neuron. Which axis is
    the batch?"""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=1),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=1),
    }


@instead_of("backward", title="bias gradients summed over the neurons too")
def bias_gradients_summed_over_everything(params, outputs, Y):
    """The gradient of each of your bias vectors is a single number: a sum without `dim` runs over the neurons too. Sum
    over the examples only."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(),
    }


@instead_of("backward", title="hidden bias gradient without the derivative of tanh")
def hidden_bias_gradient_from_h(params, outputs, Y):
    """Only the gradient of `bh` is wrong: it lacks the derivative of tanh. A bias is added before the activation, so
    its gradient is the one at `htilde`."""
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


@instead_of("backward", title="gradient keys misspelt")
def gradients_named_otherwise(params, outputs, Y):
    """Your gradients have other names than the parameters. `sgd` looks them up by the same names: `Wh`, `bh`, `Wy`,
    `by`."""
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "dWh": delta_h.T @ outputs["X"],
        "dbh": delta_h.sum(dim=0),
        "dWy": delta_y.T @ outputs["h"],
        "dby": delta_y.sum(dim=0),
    }


@instead_of("backward", title="outputs changed in place")
def outputs_written_into(params, outputs, Y):
    """The gradients are right, but `outputs["yhat"]` has changed afterwards: `-=` writes into the tensor that the
    caller passed in. Make a new one."""
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


@instead_of("backward", title="fixed batch size of 10")
def batch_size_of_ten_assumed(params, outputs, Y):
    """Your gradients are right only for a batch of ten: the 10 is written into your code. The last batch of an epoch
    may be shorter; take the size from the tensors."""
    delta_y = (outputs["yhat"] - Y) / 10
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(dim=0),
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(dim=0),
    }


@instead_of("backward", title="gradient of the last example only")
def gradients_of_the_last_example_only(params, outputs, Y):
    """Your gradients are those of the last example: in the loop, each example's gradient takes the place of the one
    before it. The gradient of a mean is the sum over all examples, divided by their number."""
    for x, h, yhat, y in zip(outputs["X"], outputs["h"], outputs["yhat"], Y, strict=True):
        delta_y = (yhat - y) / len(Y)
        delta_h = delta_y @ params["Wy"] * (1 - h**2)
        grads = {"Wh": torch.outer(delta_h, x), "bh": delta_h, "Wy": torch.outer(delta_y, h), "by": delta_y}
    return {name: gradient.reshape(params[name].shape) for name, gradient in grads.items()}


@instead_of("sgd", title="step along the gradient instead of against it")
def plus_instead_of_minus(params, grads, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign does a descent step have?"""
    return {name: value + eta * grads[name] for name, value in params.items()}


@instead_of("sgd")
def learning_rate_left_out(params, grads, eta):
    """Your step is the whole gradient, whatever `eta` is. The learning rate should set how far to go along it."""
    return {name: value - grads[name] for name, value in params.items()}


@instead_of("sgd", title="gradient divided by the learning rate")
def divided_by_the_learning_rate(params, grads, eta):
    """Your steps get shorter as `eta` grows: you divide by it."""
    return {name: value - grads[name] / eta for name, value in params.items()}


@instead_of("sgd", title="parameters multiplied by the learning rate too")
def weights_shrunk_as_well(params, grads, eta):
    """Your step also multiplies the parameters by 1 - eta: look at what you multiply by the learning rate. Only the
    gradient should be scaled."""
    return {name: value - eta * (value + grads[name]) for name, value in params.items()}


@instead_of("sgd")
def biases_never_updated(params, grads, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other and has its own gradient."""
    return {
        "Wh": params["Wh"] - eta * grads["Wh"],
        "bh": params["bh"],
        "Wy": params["Wy"] - eta * grads["Wy"],
        "by": params["by"],
    }


@instead_of("sgd")
def only_the_output_layer_updated(params, grads, eta):
    """Only `Wy` and `by` move; the hidden layer keeps its initial weights. Go through all the parameters."""
    return {
        "Wh": params["Wh"],
        "bh": params["bh"],
        "Wy": params["Wy"] - eta * grads["Wy"],
        "by": params["by"] - eta * grads["by"],
    }


@instead_of("sgd", title="biases missing from the updated parameters")
def biases_missing_from_the_result(params, grads, eta):
    """The dictionary you return has no `bh` and no `by`. The next forward pass needs all four parameters."""
    return {name: params[name] - eta * grads[name] for name in ("Wh", "Wy")}


@instead_of("sgd", title="step does not change the parameters")
def step_that_changes_nothing(params, grads, eta):
    """Your parameters do not change. `p = p - ...` makes a new tensor and calls it p; the dictionary still holds the
    old one. Put the new one in its place."""
    for name, value in params.items():
        value = value - eta * grads[name]
    return params


@instead_of("sgd")
def parameters_not_returned(params, grads, eta):
    """`sgd` returns nothing, so the caller has no parameters to continue with. Return them, whether you update in place
    or not."""
    for name in params:
        params[name] = params[name] - eta * grads[name]


@instead_of("sgd")
def step_returned_instead_of_the_parameters(params, grads, eta):
    """You return the step itself. Add it to the parameters and return those."""
    return {name: -eta * grads[name] for name in params}


@instead_of("sgd")
def gradients_scaled_in_place(params, grads, eta):
    """The parameters are right, but the gradients have changed afterwards: `*=` writes into the caller's tensors. They
    should stay as they are."""
    for gradient in grads.values():
        gradient *= eta
    return {name: value - grads[name] for name, value in params.items()}


@instead_of("sgd", title="gradient normalized to length 1")
def gradient_normalized_to_length_one(params, grads, eta):
    """All your steps have the same length: you divide the gradient by its norm. In gradient descent the steps get
    shorter by themselves as the slope flattens."""
    return {name: value - eta * grads[name] / grads[name].norm() for name, value in params.items()}


@instead_of("train", title="last, shorter batch dropped")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is not a multiple of the batch size, the remaining ones are never used: an integer
    division rounds down. The last batch of an epoch is shorter, but it counts too."""
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
    """The last batch of each epoch is missing, even a full one: your range ends one batch early. Write down, for ten
    examples in batches of five, where each batch starts."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - batch_size, batch_size):
            batch = order[start : start + batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="last batch filled up to the full size")
def last_batch_filled_up(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your last batch is as long as the others: it starts earlier, so some examples are used twice in an epoch. It
    should hold only the examples that remain."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            start = max(0, min(start, len(X) - batch_size))
            batch = order[start : start + batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="short batch divided by the full batch size")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your full batches are right, but the step of the last, shorter one is too small: you divide its gradient by
    `batch_size`, but it has fewer examples. A mean divides by how many there are."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            grads = backward(params, outputs, Y[batch])
            grads = {name: gradient * len(batch) / batch_size for name, gradient in grads.items()}
            params = sgd(params, grads, eta)
    return params


@instead_of("train", title="shuffled only once")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch uses the same batches in the same order: you shuffle only once, before the first epoch. With a new
    order in each epoch, the errors of single batches average out."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="examples never shuffled")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch. If the data are sorted by class, every batch pulls
    towards one class."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.arange(len(X))
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train")
def inputs_shuffled_without_their_targets(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns nothing but the frequency of the classes: the inputs are put into a new order and the targets
    are not, so they no longer belong together. Use one order for both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params


@instead_of("train", title="inputs and targets shuffled differently")
def inputs_and_targets_shuffled_apart(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns nothing but the frequency of the classes: inputs and targets are each put into a different
    new order. Use one order for both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        inputs = X[torch.randperm(len(X), generator=generator)]
        targets = Y[torch.randperm(len(X), generator=generator)]
        for x, y in zip(inputs.split(batch_size), targets.split(batch_size), strict=True):
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params


@instead_of("train", title="caller's data shuffled in place")
def data_shuffled_in_the_callers_tensors(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Training works, but `X` and `Y` are in a different order afterwards: an assignment to `X[:]` writes into the
    caller's tensor. Give the shuffled copy its own name."""
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
    """In one epoch, some examples are seen twice and others not at all: you draw each index independently. An epoch
    should use every example exactly once: draw an order, not single indices."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="first batch used in every step")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are never
    used in that epoch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="only one batch per epoch")
def one_batch_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training takes one step per epoch, on one batch. An epoch is a pass over all batches: a second loop is
    missing inside the first."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        batch = order[:batch_size]
        _, outputs = forward(params, X[batch])
        params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="only one step per epoch")
def one_step_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move only once per epoch, along the gradient of its last batch. There should be one step for each
    batch: look at the indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            grads = backward(params, outputs, Y[batch])
        params = sgd(params, grads, eta)
    return params


@instead_of("train", title="whole data set used in every step")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your steps uses all the examples, so `batch_size` only sets how many steps there are. In mini-batch
    gradient descent a step uses one batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            _, outputs = forward(params, X)
            params = sgd(params, backward(params, outputs, Y), eta)
    return params


@instead_of("train", title="batch size used as the number of batches")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You split the examples into `batch_size` batches, but `batch_size` is the number of examples in one batch."""
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
    """Your training runs one epoch too long: `epochs=0` should return the initial parameters, and yours have changed.
    How many numbers are there in `range(epochs + 1)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="epochs counted as single steps")
def epochs_counted_in_steps(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training stops after as many steps as there should be epochs. An epoch is a pass over all the examples and
    takes several steps."""
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


@instead_of("train", title="shuffling ignores the generator")
def generator_ignored_for_the_orders(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same `generator` gives a different training each time: the initial weights depend on it, but the orders of
    the examples do not. Every random call needs the generator."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="initial weights ignore the generator")
def generator_ignored_for_the_weights(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same `generator` gives different initial weights each time: look at what `train` passes to `init_params`."""
    params = init_params(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="seed set inside the training")
def same_random_numbers_every_time(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training is the same each time, whatever the caller's generator: a seed is set inside `train`. The caller
    should choose the seed; a function that sets one takes that choice away."""
    generator = torch.Generator().manual_seed(0)
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="new parameters in every epoch")
def new_parameters_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch throws away what the one before has learned: the parameters are drawn inside the loop over the epochs,
    so only the last epoch counts. Which lines belong before the loop?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        params = init_params(X.shape[1], nh, Y.shape[1], generator)
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="hidden size not passed to init_params")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained network always has ten hidden neurons, whatever `nh` says: look at what `train` passes to
    `init_params`."""
    params = init_params(X.shape[1], 10, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="learning rate not passed to sgd")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps always use the learning rate 0.1, whatever `eta` says: look at what `train` passes to `sgd`."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), 0.1)
    return params


@instead_of("train", title="batch size ignored")
def batch_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches always have ten examples, whatever `batch_size` says. A value that is passed in as an argument
    should not be fixed in the body."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(10):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="learning rate divided by the batch size")
def learning_rate_divided_by_the_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too small by exactly the size of the batch: the gradient is that of a mean, so it has been divided
    already. It is intended that a short last batch moves as far as a full one."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta / len(batch))
    return params


@instead_of("train", title="result of the step discarded")
def result_of_the_step_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training returns the initial parameters: `sgd` returns new ones, and you do not keep them. What do you do
    with its return value?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            sgd(params, backward(params, outputs, Y[batch]), eta)
    return params


@instead_of("train", title="output layer updated before the hidden gradient is computed")
def output_layer_updated_before_the_hidden_gradient(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You compute the gradient of the hidden layer with the updated `Wy`, but the forward pass used the old one. All
    gradients must belong to the same parameters: compute all four, then take the step."""
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


@instead_of("train", title="only one forward pass per epoch")
def one_forward_pass_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use outputs from its start: the forward pass is outside the loop over the batches. Each
    step changes the parameters, and with them the outputs."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        _, outputs = forward(params, X)
        for batch in order.split(batch_size):
            seen = {name: value[batch] for name, value in outputs.items()}
            params = sgd(params, backward(params, seen, Y[batch]), eta)
    return params


@instead_of("train", title="gradients accumulated over the steps")
def gradients_added_up(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your first step is right, and each later one repeats all those before it: you add each batch's gradients to the
    earlier ones. Every step needs new gradients."""
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
    """Your first epoch is right, but the later ones move less and less: you change the learning rate along the way.
    Here it should stay constant."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
        eta = eta / 2
    return params


@instead_of("train", title="losses returned besides the parameters")
def losses_returned_as_well(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return the parameters together with the losses. Plot the losses if you like, but return only the
    parameters."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, outputs = forward(params, X[batch])
            losses.append(float(loss_accuracy(yhat, Y[batch])[0]))
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params, losses


@instead_of("train", title="training stops after the first epoch")
def stopped_after_the_first_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends after one epoch, whatever `epochs` says: the `return` is inside the loop. With `epochs=0` the
    function returns nothing at all."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
        return params
