"""Known mistakes of `mlp_autograd`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, forward and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_params", title="weights are not leaf tensors")
def weights_that_are_not_leaves(nx, nh, ny, generator=None):
    """After `backward` your parameters have no gradient: `.grad` is None. You turn gradients on for the tensor you draw
    and then multiply it: the product is the result of a computation, not a leaf, and autograd keeps gradients only at
    leaves. Which of the two steps should come first?"""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: 0.3 * torch.randn(shape, generator=generator, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params", title="parameters do not require gradients")
def parameters_without_gradient(nx, nh, ny, generator=None):
    """The numbers are right, but `backward` says that nothing requires a gradient: autograd only follows tensors that
    have been marked for it, when they are made or right after."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: 0.3 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}


@instead_of("init_params", title="biases do not require gradients")
def biases_without_gradient(nx, nh, ny, generator=None):
    """Your weights require gradients but your biases do not, so `backward` computes none for them. A bias is a
    parameter like any other."""
    Wh = (0.3 * torch.randn(nh, nx, generator=generator)).requires_grad_()
    Wy = (0.3 * torch.randn(ny, nh, generator=generator)).requires_grad_()
    return {"Wh": Wh, "bh": torch.zeros(nh), "Wy": Wy, "by": torch.zeros(ny)}


@instead_of("init_params", title="weights of shape (in, out) instead of (out, in)")
def weights_as_in_by_out(nx, nh, ny, generator=None):
    """Your weights have the shape (in, out). In this course they are (out, in), as in PyTorch's own linear layer: `Wh`
    is (nh, nx), with one row for each hidden neuron."""
    shapes = {"Wh": (nx, nh), "bh": (nh,), "Wy": (nh, ny), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def bias_sizes_swapped(nx, nh, ny, generator=None):
    """Your `bh` has ny entries and your `by` has nh. A layer has one bias for each of its output neurons: look at the
    shape of what each bias is added to."""
    shapes = {"Wh": (nh, nx), "bh": (ny,), "Wy": (ny, nh), "by": (nh,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="standard deviation of 1 instead of 0.3")
def standard_deviation_of_one(nx, nh, ny, generator=None):
    """Your weights are drawn with standard deviation 1, but it should be 0.3. Large weights push tanh to its flat ends,
    where the gradient is nearly 0."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="0.3 taken as the variance instead of the standard deviation")
def variance_of_three_tenths(nx, nh, ny, generator=None):
    """Your weights are spread too widely, by a factor of nearly 2: 0.3 should be their standard deviation, and you take
    it as the variance, which is its square."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.3**0.5 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()
    }


@instead_of("init_params", title="variance used as the standard deviation")
def standard_deviation_squared(nx, nh, ny, generator=None):
    """Your weights are too small, about a third of what they should be: you multiply standard normal numbers by 0.09,
    the variance. The factor they are multiplied by becomes their standard deviation."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3**2 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def standard_deviation_scaled_by_the_layer_size(nx, nh, ny, generator=None):
    """Your weights get smaller as a layer gets larger: you divide by the square root of the number of inputs. That is a
    good and well-known choice (Xavier or LeCun initialization), but here the standard deviation should be 0.3, whatever
    the sizes."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (torch.randn(shape, generator=generator) / shape[-1] ** 0.5).requires_grad_()
        for name, shape in shapes.items()
    }


@instead_of("init_params", title="weights drawn from a uniform distribution")
def uniform_weights(nx, nh, ny, generator=None):
    """Your weights are drawn uniformly from an interval: none lies outside it, and values near its ends are as frequent
    as values near 0. They should come from a normal distribution."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.6 * torch.rand(shape, generator=generator) - 0.3).requires_grad_() for name, shape in shapes.items()
    }


@instead_of("init_params")
def weights_never_negative(nx, nh, ny, generator=None):
    """None of your parameters is negative: `rand` draws uniformly from [0, 1). The function that draws from a normal
    distribution has one more letter in its name."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.rand(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="weights initialized to zero")
def weights_start_at_zero(nx, nh, ny, generator=None):
    """All your parameters start at 0. Then all hidden neurons compute the same value, and no gradient reaches the first
    layer: the network never learns more than how frequent each class is. Biases may start at 0, weights may not."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.zeros(shape, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params", title="all weights equal")
def every_weight_the_same(nx, nh, ny, generator=None):
    """All your weights are the same number, 0.3. It should be the standard deviation of random numbers. Neurons that
    start out equal get equal gradients and stay equal for ever."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.full(shape, 0.3, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params")
def weights_in_double_precision(nx, nh, ny, generator=None):
    """Your parameters are float64. The data is float32, and PyTorch does not multiply matrices of different dtypes.
    Which dtype does a tensor get by default?"""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.3 * torch.randn(shape, generator=generator, dtype=torch.float64)).requires_grad_()
        for name, shape in shapes.items()
    }


@instead_of("init_params")
def weights_ignore_the_generator(nx, nh, ny, generator=None):
    """The same generator gives different parameters each time: they come from PyTorch's global random state. Every call
    that draws numbers needs the generator."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="fixed seed for the weights")
def seed_set_for_the_weights(nx, nh, ny, generator=None):
    """Your parameters are the same each time, whatever the caller's generator or random state: a seed is set inside.
    The caller should choose the seed; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="parameter keys misspelt")
def keys_misspelt(nx, nh, ny, generator=None):
    """Your parameters are all there, but under other names: they should be called `Wh`, `bh`, `Wy` and `by`, without
    underscores. Upper and lower case matter too."""
    shapes = {"W_h": (nh, nx), "b_h": (nh,), "W_y": (ny, nh), "b_y": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params", title="hidden bias missing from the parameters")
def hidden_bias_left_out_of_the_parameters(nx, nh, ny, generator=None):
    """`bh` is missing: both layers have a bias, including the hidden one. Without it every hidden neuron is 0 at the
    origin."""
    shapes = {"Wh": (nh, nx), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("forward")
def softmax_over_the_batch(params, X):
    """Your columns sum to 1 and your rows do not: the examples of the batch compete with each other instead of the
    classes of one example. Which axis of (batch, ny) holds the classes?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=0)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="softmax over all entries of the batch")
def softmax_over_everything(params, X):
    """Your probabilities sum to 1 over the whole batch, not in each row. Each example needs its own distribution over
    the classes: over which axis should the sum be 1?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde.flatten(), dim=0).reshape(ytilde.shape)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="softmax applied twice")
def softmax_twice(params, X):
    """Your probabilities are nearly equal, whatever the scores: in a softmax of a softmax, no probability is more than
    e times another. Count how often you apply it."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(torch.softmax(ytilde, dim=1), dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="log-softmax instead of softmax")
def log_softmax_as_the_probabilities(params, X):
    """Your predictions are negative: they are logarithms of probabilities. The loss takes the logarithm; this function
    should return the probabilities themselves."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.log_softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="scores returned as probabilities")
def scores_as_the_probabilities(params, X):
    """Some of your predictions are negative or above 1, and the rows do not sum to 1: they are the scores. Which step
    turns scores into probabilities?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = ytilde
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_softmax(params, X):
    """Each of your probabilities lies between 0 and 1, but a row does not sum to 1: a sigmoid looks at one score at a
    time. Exactly one class is right, so the classes have to share the probability."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.sigmoid(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="no activation in the hidden layer")
def no_activation(params, X):
    """Your hidden layer is linear: `h` equals `htilde`. Without an activation between them, two linear layers can do no
    more than one, and a straight line cannot separate the circles."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def relu_instead_of_tanh(params, X):
    """Your hidden layer goes through a ReLU: no value of `h` is negative. That also learns, but this network should use
    the hyperbolic tangent."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.relu(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_tanh(params, X):
    """Your hidden values lie in (0, 1): that is a sigmoid. The hyperbolic tangent lies in (-1, 1), is centred on zero,
    and learns faster."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def tanh_on_the_scores(params, X):
    """Your scores all lie between -1 and 1: you apply a tanh to the second layer too, so no class can ever be much more
    probable than another. Which of the two layers does the activation belong to?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = torch.tanh(h @ params["Wy"].T + params["by"])
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="scores computed from the values before the activation")
def scores_from_before_the_activation(params, X):
    """`h` is right but never used: you compute the scores from `htilde`, so the network is still linear. What should go
    into the second layer?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = htilde @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="scores computed from the inputs")
def scores_from_the_inputs(params, X):
    """You apply your second layer to `X`, and the shapes only fit where nx equals nh. What should the second layer take
    as its input?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = X @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_bias_added_to_the_scores(params, X):
    """Your second layer adds the bias of the first. The shapes only fit where nh equals ny. Each layer has its own
    bias."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["bh"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="hidden bias left out of the forward pass")
def hidden_bias_left_out(params, X):
    """Your `htilde` lacks its bias: every hidden neuron is 0 at the origin, and `bh` never gets a gradient."""
    htilde = X @ params["Wh"].T
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def output_bias_left_out(params, X):
    """Your `ytilde` lacks its bias: the scores cannot favour a class regardless of the input, and `by` never gets a
    gradient."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def bias_subtracted(params, X):
    """Your hidden layer subtracts its bias instead of adding it. A trained network would learn the opposite sign, but
    this is not the formula."""
    htilde = X @ params["Wh"].T - params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def weights_not_transposed(params, X):
    """PyTorch refuses your product: (batch, nx) times (nh, nx). Inputs are (batch, in) and weights are (out, in), so
    the inner sizes do not match. What has to be done to the weights?"""
    htilde = X @ params["Wh"] + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="weights and inputs multiplied in the wrong order")
def weights_before_the_inputs(params, X):
    """PyTorch refuses your product: (nh, nx) times (batch, nx). In most formulas an input is a column; here each
    example is a row, so the order of the product is reversed."""
    htilde = params["Wh"] @ X + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="activation computed in place")
def activation_written_in_place(params, X):
    """In your outputs `htilde` equals `h`: a method whose name ends in an underscore writes its result into the tensor
    it is called on, so the values before the activation are lost."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde.tanh_()
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="hidden layer detached from the graph")
def hidden_layer_cut_from_the_graph(params, X):
    """`Wh` and `bh` get no gradient, so the first layer never learns: `h` is detached before the scores are computed,
    and autograd cannot go back past that point."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h.detach() @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward", title="forward pass not recorded by autograd")
def forward_pass_not_recorded(params, X):
    """The probabilities are right, but `backward` says that nothing requires a gradient: the forward pass runs while
    recording is switched off, or its result is detached. Only the update step should be hidden from autograd. If you
    print something, detach only what you print."""
    with torch.no_grad():
        htilde = X @ params["Wh"].T + params["bh"]
        h = torch.tanh(htilde)
        ytilde = h @ params["Wy"].T + params["by"]
        yhat = torch.softmax(ytilde, dim=1)
        return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_values_missing_from_the_outputs(params, X):
    """Your outputs lack `h`. They should hold every step of the forward pass: `X`, `htilde`, `h`, `ytilde`, `yhat`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def output_keys_misspelt(params, X):
    """Your outputs are all there, but under other names: they should be called `htilde`, `ytilde` and `yhat`, without
    underscores."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "h_tilde": htilde, "h": h, "y_tilde": ytilde, "y_hat": yhat}


@instead_of("forward")
def scores_and_probabilities_swapped_in_the_outputs(params, X):
    """In your outputs `ytilde` holds the probabilities and `yhat` the scores. The hat marks what the network predicts,
    the tilde what comes before the activation."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": yhat, "yhat": ytilde}


@instead_of("forward")
def outputs_not_returned(params, X):
    """You return only the probabilities. You should return two values: the probabilities, and the dictionary of
    everything that was computed."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat


@instead_of("forward", title="return values in the wrong order")
def outputs_returned_first(params, X):
    """You return the two values in the wrong order: the probabilities come first, then the dictionary."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}, yhat


@instead_of("forward", title="inputs converted to float32")
def single_precision_forced(params, X):
    """Your function fails for float64 inputs: you convert them to float32, while the parameters keep their dtype. The
    result should have the dtype of the inputs."""
    htilde = X.float() @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("loss_accuracy", title="loss returned as a Python number")
def loss_as_a_plain_number(Yhat, Y):
    """The number is right, but it is a Python float: `.item()` takes it out of the graph, and a float has no
    `backward`. Convert it to a number only where you print it."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.item(), acc


@instead_of("loss_accuracy", title="loss detached from the graph")
def loss_cut_from_the_graph(Yhat, Y):
    """The number is right, but `backward` says that nothing requires a gradient: `.detach()` and `torch.tensor(L)` make
    a new tensor without the graph that leads back to the parameters. `backward` needs that graph."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.detach(), acc


@instead_of("loss_accuracy", title="loss copied into a new leaf tensor")
def loss_put_into_a_new_leaf(Yhat, Y):
    """`backward` runs on your loss but reaches no parameter: you copy its value into a new tensor that requires a
    gradient. That is a leaf of its own, with no path back to the parameters. Setting requires_grad does not restore a
    graph that was cut."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.detach().requires_grad_(), acc


@instead_of("loss_accuracy")
def loss_summed_over_the_batch(Yhat, Y):
    """Your loss is too large by exactly the size of the batch: it is the sum over the examples, but should be their
    mean. With a sum, the gradient and each step grow with the batch."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="loss averaged over batch and classes")
def mean_over_all_entries(Yhat, Y):
    """Your loss is too small by exactly the number of classes: you take the mean over all batch × ny entries. The loss
    of one example is a sum over its classes; only over the examples do you take a mean."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_divided_by_the_batch_twice(Yhat, Y):
    """Your loss is too small by exactly the size of the batch: it is a mean already, and you divide by the number of
    examples once more."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean() / len(Y)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="minus sign missing in the loss")
def minus_sign_missing(Yhat, Y):
    """Your loss is negative, because the logarithm of a probability is. Descending it would make the correct class less
    probable. What stands in front of the sum in the formula?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = (Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_of_zero(Yhat, Y):
    """Your loss is infinite or NaN as soon as a probability is 0: log(0) is -inf, and 0 times -inf is NaN. In float32 a
    softmax reaches 0 quickly. Keep the argument of the logarithm away from 0."""
    L = -(Y * torch.log(Yhat)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="number added in the logarithm too large")
def guard_too_large(Yhat, Y):
    """Your loss is a little too small everywhere, and an example that is certainly wrong costs no more than 7: the
    number you add to keep the logarithm finite is not small compared with the probabilities. How small can it be?"""
    L = -(Y * torch.log(Yhat + 1e-3)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_two(Yhat, Y):
    """Your loss is too large by a factor of 1.4427, which is 1 / ln 2: you use the logarithm to base 2, which measures
    in bits. Use the natural logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log2(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_ten(Yhat, Y):
    """Your loss is too small by a factor of 2.3026, which is ln 10: you use the logarithm to base 10. Use the natural
    logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log10(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_left_out(Yhat, Y):
    """Your loss lies between -1 and 0: it is minus the mean probability of the correct class. Its gradient almost
    vanishes where a prediction is confidently wrong; with the logarithm it would not."""
    L = -(Y * Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="mean squared error instead of cross-entropy")
def mean_squared_error(Yhat, Y):
    """Your loss is the mean squared error. That loss is for predicting quantities. For classes, use the cross-entropy:
    its gradient stays large where a prediction is confidently wrong."""
    L = ((Yhat - Y) ** 2).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="binary cross-entropy instead of cross-entropy")
def binary_cross_entropy_added(Yhat, Y):
    """Your loss is too large: besides the correct class you also count the wrong ones, through log(1 - yhat). That is
    for classes that do not exclude each other. With a softmax the wrong classes count already, because all
    probabilities share a sum of 1."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log() + (1 - Y) * (1 - Yhat).clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="probabilities used as scores in the loss")
def formula_for_scores_on_probabilities(Yhat, Y):
    """Your loss never comes near 0: the formula with the log of a sum of exponentials is for scores, but this function
    gets probabilities. You effectively apply the softmax a second time."""
    L = (torch.log(torch.exp(Yhat).sum(dim=1)) - (Y * Yhat).sum(dim=1)).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def targets_and_predictions_swapped(Yhat, Y):
    """You take the logarithm of the targets, which are 0 and 1. In the cross-entropy the logarithm is taken of the
    predictions, and the targets are the weights."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Yhat * torch.log(Y.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_of_the_predicted_class(Yhat, Y):
    """Your loss does not depend on the targets: you take the logarithm of the highest probability in each row. That
    rewards confidence, right or wrong."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -torch.log(Yhat.amax(dim=1).clamp(min=smallest)).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="logarithm taken after the mean")
def logarithm_of_the_mean(Yhat, Y):
    """Your loss is too small: you average the probabilities first and take the logarithm afterwards. The order matters:
    an example that is certainly wrong should cost a lot, but hardly changes that average."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -torch.log((Y * Yhat).sum(dim=1).mean().clamp(min=smallest))
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="loss not averaged over the batch")
def loss_of_each_example(Yhat, Y):
    """Your loss has one number for each example, but `backward` needs a single number to start from. The mean over the
    batch is missing."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(Yhat, Y):
    """Your accuracy is a hundred times too large: it should be a fraction in [0, 1], not a percentage."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, 100 * acc


@instead_of("loss_accuracy")
def accuracy_as_a_count(Yhat, Y):
    """Your accuracy is the number of right answers. It should be a fraction of the batch."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().sum()
    return L, acc


@instead_of("loss_accuracy", title="accuracy counts the errors")
def errors_counted_instead_of_hits(Yhat, Y):
    """Your accuracy is 1 minus the correct one: you return the fraction of wrong answers."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) != Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def argmax_over_the_batch(Yhat, Y):
    """Your argmax runs over the examples: it finds the best example for each class instead of the best class for each
    example. Which axis of (batch, ny) holds the classes?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=0) == Y.argmax(dim=0)).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="accuracy compared entry by entry")
def accuracy_entry_by_entry(Yhat, Y):
    """You compare all batch × ny entries of the one-hot tables, so zeros that both tables share count as right answers.
    An example is right or wrong as a whole."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    predicted = torch.eye(Y.shape[1])[Yhat.argmax(dim=1)]
    acc = (predicted == Y).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="correct only above a probability of one half")
def right_only_above_one_half(Yhat, Y):
    """Your accuracy counts an example only if the correct class has a probability above one half. With three or more
    classes, the most probable class may have less."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = ((Y * Yhat).sum(dim=1) > 0.5).float().mean()
    return L, acc


@instead_of("loss_accuracy", title="mean probability of the correct class as accuracy")
def mean_probability_as_accuracy(Yhat, Y):
    """Your accuracy moves with every small change of a probability: it is the mean probability of the correct class. An
    example is either right or wrong, depending on its most probable class."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Y * Yhat).sum(dim=1).mean()
    return L, acc


@instead_of("loss_accuracy", title="loss and accuracy returned in the wrong order")
def accuracy_returned_first(Yhat, Y):
    """You return the two values in the wrong order: the loss comes first, then the accuracy."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return acc, L


@instead_of("sgd", title="step along the gradient instead of against it")
def plus_instead_of_minus(params, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign does a descent step have?"""
    with torch.no_grad():
        for p in params.values():
            p += eta * p.grad
            p.grad = None
    return params


@instead_of("sgd")
def gradients_never_cleared(params, eta):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients that
    are already there, and they are never cleared."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    return params


@instead_of("sgd")
def gradients_of_the_biases_never_cleared(params, eta):
    """The steps of your weights are right, but those of your biases repeat all the earlier ones, because you clear only
    the gradients of the weights. Every parameter has a gradient."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    for name in ("Wh", "Wy"):
        params[name].grad = None
    return params


@instead_of("sgd")
def step_recorded_by_autograd(params, eta):
    """PyTorch refuses your step: a leaf that requires a gradient may not be changed in place while autograd records.
    The step is not part of the computation to differentiate: switch recording off for it."""
    for p in params.values():
        p -= eta * p.grad
        p.grad = None
    return params


@instead_of("sgd", title="new parameters are not leaf tensors")
def new_parameters_that_are_not_leaves(params, eta):
    """Your first step is right and the next one fails: the parameters you return were computed from the old ones while
    autograd was recording, so they are not leaves, and the next `backward` leaves their `.grad` at None. The graph
    would also grow with every step."""
    return {name: p - eta * p.grad for name, p in params.items()}


@instead_of("sgd", title="new parameters do not require gradients")
def new_parameters_without_gradient(params, eta):
    """Your first step is right and the next one fails: the parameters you return are new tensors, and a tensor made by
    `detach`, or while recording is off, does not require a gradient unless you turn that on."""
    with torch.no_grad():
        return {name: p - eta * p.grad for name, p in params.items()}


@instead_of("sgd", title="step does not change the parameters")
def step_that_changes_nothing(params, eta):
    """Your parameters do not change. `p = p - ...` makes a new tensor and calls it p; the dictionary still holds the
    old one. You see the same if gradients are zeroed before the step. Change what the dictionary holds."""
    for p in params.values():
        gradient = p.grad
        p.grad = None
        p = p - eta * gradient
    return params


@instead_of("sgd", title="gradients cleared before the step")
def gradients_set_to_none_before_the_step(params, eta):
    """PyTorch says that it cannot multiply a number by None: you clear the gradients before the step has used them.
    Clear them last."""
    for p in params.values():
        p.grad = None
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    return params


@instead_of("sgd")
def learning_rate_left_out(params, eta):
    """Your step is the whole gradient, whatever `eta` is. The learning rate should set how far to go along it."""
    with torch.no_grad():
        for p in params.values():
            p -= p.grad
            p.grad = None
    return params


@instead_of("sgd", title="gradient divided by the learning rate")
def divided_by_the_learning_rate(params, eta):
    """Your steps are longest where `eta` is smallest: you divide by it. A small learning rate should mean small
    steps."""
    with torch.no_grad():
        for p in params.values():
            p -= p.grad / eta
            p.grad = None
    return params


@instead_of("sgd")
def biases_never_updated(params, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other and has its own gradient."""
    with torch.no_grad():
        for name, p in params.items():
            if name.startswith("W"):
                p -= eta * p.grad
            p.grad = None
    return params


@instead_of("sgd")
def only_the_last_layer_updated(params, eta):
    """Only `Wy` and `by` move; the hidden layer keeps its initial weights. Go through all the parameters."""
    with torch.no_grad():
        for name, p in params.items():
            if name.endswith("y"):
                p -= eta * p.grad
            p.grad = None
    return params


@instead_of("sgd", title="gradient normalized to length 1")
def gradient_normalized_to_length_one(params, eta):
    """All your steps have the same length: you divide the gradient by its norm. In gradient descent the steps get
    shorter by themselves as the slope flattens."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad / p.grad.norm()
            p.grad = None
    return params


@instead_of("sgd")
def parameters_replaced_by_the_step(params, eta):
    """Your new parameters are the step itself. A step starts from the old parameters."""
    with torch.no_grad():
        for p in params.values():
            p.copy_(-eta * p.grad)
            p.grad = None
    return params


@instead_of("sgd")
def parameters_not_returned(params, eta):
    """Your `sgd` returns None: it updates the parameters in place but does not return them. The caller continues with
    the value it returns."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad = None


@instead_of("train", title="last, shorter batch dropped")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is not a multiple of the batch size, the remaining ones are never used: an integer
    division rounds down. The last batch of an epoch is shorter, but it counts too."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def last_batch_always_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The last batch of each epoch is missing, even a full one: your range ends one batch early. Write down, for ten
    examples in batches of five, where each batch starts."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - batch_size, batch_size):
            batch = order[start : start + batch_size]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def only_the_first_batch_used(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Only the first batch of each epoch moves your parameters. Either your slice always ends at the batch size, so all
    later batches are empty (their loss is NaN, their gradient 0), or each of your epochs takes only one step. Print the
    size of each batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            batch = order[start:batch_size]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="batches overlap by one example")
def batches_that_overlap(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches have one example too many, the first of the next batch: the end of a slice is excluded. Where should
    each slice end?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size + 1]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def last_example_of_each_batch_left_out(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your full batches has one example too few: the end of a slice is already excluded, so do not subtract 1
    from it."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + max(batch_size - 1, 1)]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="shuffled only once")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch uses the same batches in the same order: you shuffle only once, before the first epoch. With a new
    order in each epoch, the errors of single batches average out."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="examples never shuffled")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch. If the data are sorted by class, every batch pulls
    towards one class."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="batches shuffled instead of examples")
def batches_shuffled_examples_not(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches come in a random order, but each always holds the same examples, neighbours in the file. If the data
    are sorted by class, every batch pulls towards one class. Shuffle the examples before you split them into
    batches."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        batches = torch.arange(len(X)).split(batch_size)
        for i in torch.randperm(len(batches), generator=generator):
            batch = batches[i]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def inputs_shuffled_without_their_targets(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns nothing but the frequency of the classes: the inputs are put into a new order and the targets
    are not, so they no longer belong together. Use one order for both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="caller's data shuffled in place")
def data_shuffled_in_place(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """After your training the caller's X and Y are in another order: you write the shuffled rows back into them. Make a
    new tensor, or index the data with the shuffled order."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        X[:], Y[:] = X[order], Y[order]
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def batches_drawn_with_replacement(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """In one epoch, some examples are seen twice and others not at all: you draw each index independently. An epoch
    should use every example exactly once: draw an order, not single indices."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="first batch used in every step")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are never
    used in that epoch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="whole data set used in every step")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your steps uses all the examples, so `batch_size` only sets how many steps there are. In mini-batch
    gradient descent a step uses one batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            yhat, _ = forward(params, X)
            L, _ = loss_accuracy(yhat, Y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="batch size used as the number of batches")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You split the examples into `batch_size` batches, but `batch_size` is the number of examples in one batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="only one step per epoch")
def one_step_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move only once per epoch, along the sum of the gradients of all its batches. There should be one
    step for each batch: look at the indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
        params = sgd(params, eta)
    return params


@instead_of("train", title="step from the last batch of each epoch only")
def step_from_the_last_batch_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your epochs takes one step, from its last batch alone: `backward` and the step come after the loop over
    the batches. Look at the indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
        L.backward()
        params = sgd(params, eta)
    return params


@instead_of("train", title="running total of the loss differentiated")
def running_total_differentiated(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch refuses your second `backward`: you call it on the sum of the losses so far, whose graph leads back
    through batches that are finished. Add up plain numbers for your statistics, and differentiate the loss of one
    batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    total = 0
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            total = total + L
            total.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="new parameters in every epoch")
def new_parameters_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch throws away what the one before has learned: the parameters are made inside the loop over the epochs,
    so only the last epoch counts. Which lines belong before the loop?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def one_epoch_too_few(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends one epoch early; with `epochs=1` nothing happens at all. How many numbers are there in
    `range(1, epochs)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(1, epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def one_epoch_too_many(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training runs one epoch too long: `epochs=0` should return the initial parameters, and yours have changed.
    How many numbers are there in `range(epochs + 1)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="shuffling ignores the generator")
def order_ignores_the_generator(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same generator gives the same initial parameters, but a different order of the examples each time. The call
    that draws the order needs the generator too."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def initial_weights_ignore_the_generator(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same generator gives different initial parameters each time: look at what `train` passes to `init_params`."""
    params = init_params(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="seed set inside the function")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All your trainings give the same parameters, whatever generator they are given: it makes its own, with a fixed
    seed. The caller should choose the seed."""
    generator = torch.Generator().manual_seed(0)
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="same shuffling seed in every epoch")
def same_shuffle_seed_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples is the same in every epoch, and whatever the generator: a seed is set before each
    shuffle. A generator moves on by itself with each draw; that is what makes the orders differ."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="hidden size not passed to init_params")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained network always has ten hidden neurons, whatever `nh` says: look at what `train` passes to
    `init_params`."""
    params = init_params(X.shape[1], 10, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="learning rate not passed to sgd")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always uses the learning rate 0.1, whatever `eta` says: look at what `train` passes to `sgd`."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, 0.1)
    return params


@instead_of("train", title="gradient of the summed loss")
def gradient_of_the_sum(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too long by exactly the size of the batch: you differentiate the sum of the losses of its examples
    instead of their mean."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            (L * len(batch)).backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def loss_divided_by_the_batch_again(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too short by exactly the size of the batch: the loss is a mean already, and you divide it by the
    number of examples once more."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            (L / len(batch)).backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="short batch divided by the full batch size")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All your steps are right except the one on the last, shorter batch, which is too short: you divide its sum by
    `batch_size`, but it has fewer examples. A mean divides by how many there are."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            (L * len(batch) / batch_size).backward()
            params = sgd(params, eta)
    return params


@instead_of("train", title="backward never called")
def backward_forgotten(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters have no gradient when the step needs it: `.grad` is None. Autograd computes gradients only when
    you ask it to, starting from the loss."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            params = sgd(params, eta)
    return params


@instead_of("train")
def trained_parameters_not_returned(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your `train` returns None: a `return` is missing at the end."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)


@instead_of("train", title="loss returned besides the parameters")
def last_loss_returned_too(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return a loss besides the parameters. Return only the parameters."""
    L = None
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params, L
