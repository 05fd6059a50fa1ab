"""Known mistakes of `mlp_autograd`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, forward and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_params")
def weights_that_are_no_leaves(nx, nh, ny, generator=None):
    """After `backward` your parameters have no gradient: `.grad` is None. You ask for a gradient of the tensor that is
    drawn, and then multiply it: the product is a result of a computation, no leaf, and autograd keeps gradients at
    leaves only. Which of the two comes first?"""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: 0.3 * torch.randn(shape, generator=generator, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params")
def no_gradient_asked_for(nx, nh, ny, generator=None):
    """The numbers are right, but `backward` says that nothing requires a gradient: autograd follows a tensor only if it
    is told to, when it is made or right after."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: 0.3 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}


@instead_of("init_params")
def biases_without_gradient(nx, nh, ny, generator=None):
    """Your weights require a gradient and your biases do not, so that `backward` leaves them without one. A bias is a
    parameter like any other."""
    Wh = (0.3 * torch.randn(nh, nx, generator=generator)).requires_grad_()
    Wy = (0.3 * torch.randn(ny, nh, generator=generator)).requires_grad_()
    return {"Wh": Wh, "bh": torch.zeros(nh), "Wy": Wy, "by": torch.zeros(ny)}


@instead_of("init_params")
def weights_as_in_by_out(nx, nh, ny, generator=None):
    """Your weights are (in, out). In this course they are (out, in), as in torch's own linear layer: `Wh` is (nh, nx),
    a row for each hidden neuron."""
    shapes = {"Wh": (nx, nh), "bh": (nh,), "Wy": (nh, ny), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def bias_sizes_swapped(nx, nh, ny, generator=None):
    """Your `bh` has ny numbers and your `by` nh. A layer has as many biases as neurons that it leads to: look at the
    shape of what each is added to."""
    shapes = {"Wh": (nh, nx), "bh": (ny,), "Wy": (ny, nh), "by": (nh,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def standard_deviation_of_one(nx, nh, ny, generator=None):
    """Your weights are drawn with standard deviation 1, where 0.3 is asked for. Large weights drive tanh to its flat
    ends, where the gradient is nearly 0."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def variance_of_three_tenths(nx, nh, ny, generator=None):
    """Your weights are spread too wide by a factor of nearly 2: 0.3 is their standard deviation, and you take it for
    the variance, which is its square."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.3**0.5 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()
    }


@instead_of("init_params")
def standard_deviation_squared(nx, nh, ny, generator=None):
    """Your weights are too small, about a third of what they should be: 0.09 is the variance, and the factor that a
    standard normal number is multiplied by becomes its standard deviation."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3**2 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def standard_deviation_by_layer_size(nx, nh, ny, generator=None):
    """Your weights shrink as a layer grows: you divide by the root of the number of inputs. That is a good choice, with
    a name (Xavier, or LeCun), but not the one asked for: 0.3, whatever the sizes."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (torch.randn(shape, generator=generator) / shape[-1] ** 0.5).requires_grad_()
        for name, shape in shapes.items()
    }


@instead_of("init_params")
def uniform_weights(nx, nh, ny, generator=None):
    """Your weights are drawn evenly from an interval: none lies outside it, and they are as frequent at its ends as at
    0. A normal distribution is asked for."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.6 * torch.rand(shape, generator=generator) - 0.3).requires_grad_() for name, shape in shapes.items()
    }


@instead_of("init_params")
def weights_never_negative(nx, nh, ny, generator=None):
    """None of your parameters is negative: `rand` draws evenly from [0, 1), and a letter is missing to the normal
    distribution."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.rand(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def weights_start_at_zero(nx, nh, ny, generator=None):
    """All your parameters start at 0. Then every hidden neuron computes the same, and no gradient reaches the first
    layer: the network never learns more than how frequent each class is. Biases may start at 0, weights may not."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.zeros(shape, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params")
def every_weight_the_same(nx, nh, ny, generator=None):
    """All your weights are the same number, 0.3. It is meant as the spread of random numbers. Neurons that start equal
    get equal gradients, and stay equal for ever."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.full(shape, 0.3, requires_grad=True) for name, shape in shapes.items()}


@instead_of("init_params")
def weights_in_double_precision(nx, nh, ny, generator=None):
    """Your parameters are float64. The data is float32, and PyTorch multiplies no matrices of different types. Which
    type has a tensor when nobody asks for one?"""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {
        name: (0.3 * torch.randn(shape, generator=generator, dtype=torch.float64)).requires_grad_()
        for name, shape in shapes.items()
    }


@instead_of("init_params")
def weights_ignore_the_generator(nx, nh, ny, generator=None):
    """The same generator gives other parameters each time: they come from PyTorch's global random state. Whatever draws
    them has to be told which generator to draw from."""
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def seed_set_for_the_weights(nx, nh, ny, generator=None):
    """Your parameters are the same each time, whatever the caller's generator or random state: a seed is set inside.
    Seeds are for whoever runs the experiment; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def keys_misspelt(nx, nh, ny, generator=None):
    """Your parameters are all there, under other names: `Wh`, `bh`, `Wy` and `by` are asked for, without underscores.
    Upper and lower case count too."""
    shapes = {"W_h": (nh, nx), "b_h": (nh,), "W_y": (ny, nh), "b_y": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


@instead_of("init_params")
def hidden_bias_left_out_of_the_parameters(nx, nh, ny, generator=None):
    """`bh` is missing: both layers have a bias, the hidden one too. Without it every hidden neuron is 0 at the
    origin."""
    shapes = {"Wh": (nh, nx), "Wy": (ny, nh), "by": (ny,)}
    return {name: (0.3 * torch.randn(shape, generator=generator)).requires_grad_() for name, shape in shapes.items()}


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
def softmax_over_everything(params, X):
    """Your probabilities sum to 1 over the whole batch, not in each row: every example is a question of its own. Over
    which axis should the sum be 1?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde.flatten(), dim=0).reshape(ytilde.shape)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def softmax_twice(params, X):
    """Your probabilities are nearly equal, whatever the scores: the softmax of a softmax lies between 1 and e times its
    neighbours. Count how often it is applied."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(torch.softmax(ytilde, dim=1), dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def log_softmax_as_the_probabilities(params, X):
    """Your predictions are negative: they are logarithms of probabilities. The loss takes the logarithm; here
    probabilities are asked for."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.log_softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def scores_as_the_probabilities(params, X):
    """Your predictions are negative or above 1, and their rows do not sum to 1: they are the scores. A step is missing
    between them and probabilities."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = ytilde
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_softmax(params, X):
    """Each of your probabilities lies between 0 and 1, but a row does not sum to 1: a sigmoid looks at one score at a
    time. One class of several is right, so they have to share."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.sigmoid(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def no_activation(params, X):
    """Your hidden layer is linear: `h` equals `htilde`. Without an activation between them, two linear layers are worth
    one, and no circle is separated by a line."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def relu_instead_of_tanh(params, X):
    """Your hidden layer goes through a ReLU: no value of `h` is negative. It learns as well, but this network is the
    one with the hyperbolic tangent."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.relu(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def sigmoid_instead_of_tanh(params, X):
    """Your hidden values lie in (0, 1): that is a sigmoid. The hyperbolic tangent lies in (-1, 1), centred on zero, and
    learns faster."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def tanh_on_the_scores(params, X):
    """Your scores all lie between -1 and 1: a tanh follows the second layer too, so that no class can ever be much more
    probable than another. Which of the two layers does the activation belong to?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = torch.tanh(h @ params["Wy"].T + params["by"])
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def scores_from_before_the_activation(params, X):
    """`h` is right, and then not used: your scores are computed from `htilde`, so that the network is linear after all.
    What goes into the second layer?"""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = htilde @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def scores_from_the_inputs(params, X):
    """Your second layer is applied to `X`, and the shapes agree only where nx equals nh. It continues where the first
    one ended."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = X @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_bias_added_to_the_scores(params, X):
    """Your second layer adds the bias of the first. The shapes agree only where nh equals ny. Each layer has a bias of
    its own."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["bh"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_bias_left_out(params, X):
    """Your `htilde` lacks its bias: every hidden neuron is 0 at the origin, and `bh` never gets a gradient."""
    htilde = X @ params["Wh"].T
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def output_bias_left_out(params, X):
    """Your `ytilde` lacks its bias: the scores can favour no class by themselves, and `by` never gets a gradient."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def bias_subtracted(params, X):
    """Your hidden layer takes its bias off where it should add it. Trained, the network would find the other sign, but
    this is not the formula."""
    htilde = X @ params["Wh"].T - params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def weights_not_transposed(params, X):
    """PyTorch refuses your product: (batch, nx) times (nh, nx). Batches come first and weights are (out, in), so the
    inner sizes do not meet. What has to be done to the weights?"""
    htilde = X @ params["Wh"] + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def weights_before_the_inputs(params, X):
    """PyTorch refuses your product: (nh, nx) times (batch, nx). On paper an input is a column; here it is a row, an
    example a row, and the order of a product turns round with it."""
    htilde = params["Wh"] @ X + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def activation_written_in_place(params, X):
    """In your outputs `htilde` equals `h`: a method whose name ends in an underscore writes its result into the tensor
    it is called on, and what was there is gone."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = htilde.tanh_()
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_layer_cut_from_the_graph(params, X):
    """`Wh` and `bh` get no gradient, and the first layer never learns: `h` is detached on its way to the scores, and
    autograd finds no way past it."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h.detach() @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def way_forward_not_recorded(params, X):
    """The probabilities are right, but `backward` says that nothing requires a gradient: the way forward runs while the
    recording is switched off, or its result is detached. Only the step has to be hidden from autograd; detach what you
    print."""
    with torch.no_grad():
        htilde = X @ params["Wh"].T + params["bh"]
        h = torch.tanh(htilde)
        ytilde = h @ params["Wy"].T + params["by"]
        yhat = torch.softmax(ytilde, dim=1)
        return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def hidden_values_missing_from_the_outputs(params, X):
    """Your outputs lack `h`. Five are asked for, each step on the way: `X`, `htilde`, `h`, `ytilde`, `yhat`."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "ytilde": ytilde, "yhat": yhat}


@instead_of("forward")
def output_keys_misspelt(params, X):
    """Your outputs are all there, under other names: `htilde`, `ytilde` and `yhat` are asked for, without
    underscores."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "h_tilde": htilde, "h": h, "y_tilde": ytilde, "y_hat": yhat}


@instead_of("forward")
def scores_and_probabilities_swapped_in_the_outputs(params, X):
    """In your outputs `ytilde` holds the probabilities and `yhat` the scores. The hat is on what the network predicts,
    the tilde on what comes before the last function."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": yhat, "yhat": ytilde}


@instead_of("forward")
def outputs_not_returned(params, X):
    """You return the probabilities alone. Two values are asked for: the probabilities, and the dictionary of all that
    was computed."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat


@instead_of("forward")
def outputs_returned_first(params, X):
    """You return the two values in the other order: the probabilities come first, then the dictionary."""
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}, yhat


@instead_of("forward")
def single_precision_forced(params, X):
    """For inputs in float64 yours fails: you convert them to float32, and the parameters stay as they are. What is
    computed should have the type of what is given."""
    htilde = X.float() @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


@instead_of("loss_accuracy")
def loss_as_a_plain_number(Yhat, Y):
    """The number is right, but it is a Python float: `.item()` takes it out of the graph, and a float has no
    `backward`. Take the number only where you print it."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.item(), acc


@instead_of("loss_accuracy")
def loss_cut_from_the_graph(Yhat, Y):
    """The number is right, but `backward` says that nothing requires a gradient: `.detach()` and `torch.tensor(L)` make
    a new tensor without the way back to the parameters. The loss is where that way begins."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.detach(), acc


@instead_of("loss_accuracy")
def loss_put_into_a_new_leaf(Yhat, Y):
    """`backward` works on your loss and reaches nothing: you make a new tensor of its value that requires a gradient.
    It is a leaf of its own, without a way back to the parameters. Asking for a gradient does not mend a cut graph."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L.detach().requires_grad_(), acc


@instead_of("loss_accuracy")
def loss_summed_over_the_batch(Yhat, Y):
    """Your loss is too large by exactly the size of the batch: it sums over the examples where a mean is asked for. Its
    gradient, and each step, grow with the batch."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def mean_over_all_entries(Yhat, Y):
    """Your loss is too small by exactly the number of classes: you take the mean over all batch times ny entries. An
    example's loss is a sum over its classes; the mean is over the examples."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_divided_by_the_batch_twice(Yhat, Y):
    """Your loss is too small by exactly the size of the batch: it is a mean, and then divided by the number of examples
    once more."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean() / len(Y)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def minus_sign_missing(Yhat, Y):
    """Your loss is negative: the logarithm of a probability is. Descending it makes the right class less probable. What
    stands before the sum?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = (Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_of_zero(Yhat, Y):
    """Your loss is infinite or not a number as soon as a probability is 0: log(0) is -inf, and 0 times that is NaN. In
    float32 a softmax reaches 0 soon. Keep the argument of the logarithm away from 0."""
    L = -(Y * torch.log(Yhat)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def guard_too_large(Yhat, Y):
    """Your loss is a little too small everywhere, and an example that is certainly wrong costs no more than 7: the
    number that you add to keep the logarithm finite is not small beside probabilities. How small may it be?"""
    L = -(Y * torch.log(Yhat + 1e-3)).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_two(Yhat, Y):
    """Your loss is too large by 1.4427, which is 1 / log 2: you measure in bits. Nats are asked for, by the natural
    logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log2(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_to_base_ten(Yhat, Y):
    """Your loss is too small by 2.3026, which is log 10: that is the logarithm to base ten. The natural one is asked
    for."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log10(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_left_out(Yhat, Y):
    """Your loss lies between -1 and 0: it is minus the mean probability of the right class. It hardly pulls where a
    prediction is confidently wrong; the logarithm would."""
    L = -(Y * Yhat).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def mean_squared_error(Yhat, Y):
    """Your loss is the mean squared error. That one is for predicting quantities; for classes it is the cross-entropy,
    which goes on pulling where a prediction is confidently wrong."""
    L = ((Yhat - Y) ** 2).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def binary_cross_entropy_added(Yhat, Y):
    """Your loss is too large: besides the right class you count the wrong ones, by log(1 - yhat). That is for classes
    that do not exclude each other. Here the softmax has made them share already."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * Yhat.clamp(min=smallest).log() + (1 - Y) * (1 - Yhat).clamp(min=smallest).log()).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def formula_for_scores_on_probabilities(Yhat, Y):
    """Your loss never comes near 0: the formula with the logarithm of a sum of exponentials is for scores, and here you
    are given probabilities. It applies the softmax a second time."""
    L = (torch.log(torch.exp(Yhat).sum(dim=1)) - (Y * Yhat).sum(dim=1)).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def targets_and_predictions_swapped(Yhat, Y):
    """You take the logarithm of the targets, which are 0 and 1. In the cross-entropy the targets are the weights and
    the predictions stand in the logarithm."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Yhat * torch.log(Y.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_of_the_predicted_class(Yhat, Y):
    """Your loss does not depend on the targets: you take the logarithm of each row's highest probability. Confidence
    would be rewarded, right or wrong."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -torch.log(Yhat.amax(dim=1).clamp(min=smallest)).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def logarithm_of_the_mean(Yhat, Y):
    """Your loss is too small: you take the mean of the probabilities first and the logarithm afterwards. The order
    matters: an example that is certainly wrong should cost much, and drowns in that mean."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -torch.log((Y * Yhat).sum(dim=1).mean().clamp(min=smallest))
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def loss_of_each_example(Yhat, Y):
    """Your loss has a number for each example, and `backward` starts from a single one. The mean over the batch is
    missing."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1)
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(Yhat, Y):
    """Your accuracy is a hundred times too large: a fraction in [0, 1] is asked for, not a percentage."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return L, 100 * acc


@instead_of("loss_accuracy")
def accuracy_as_a_count(Yhat, Y):
    """Your accuracy is the number of right answers. A fraction of the batch is asked for."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().sum()
    return L, acc


@instead_of("loss_accuracy")
def errors_counted_in_place_of_hits(Yhat, Y):
    """Your accuracy is 1 minus the right one: the fraction of wrong answers."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) != Y.argmax(dim=1)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def argmax_over_the_batch(Yhat, Y):
    """Your argmax runs over the examples: it asks, for each class, which example is the most typical. Which axis of
    (batch, ny) holds the classes?"""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=0) == Y.argmax(dim=0)).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_entry_by_entry(Yhat, Y):
    """You compare all batch times ny entries of the one-hot tables, so that the zeros two tables have in common count
    as right answers. An example is right or wrong as a whole."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    predicted = torch.eye(Y.shape[1])[Yhat.argmax(dim=1)]
    acc = (predicted == Y).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def right_only_above_one_half(Yhat, Y):
    """Your accuracy counts an example only if the right class has more than half of the probability. With three classes
    or more, the highest may have less."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = ((Y * Yhat).sum(dim=1) > 0.5).float().mean()
    return L, acc


@instead_of("loss_accuracy")
def mean_probability_as_accuracy(Yhat, Y):
    """Your accuracy moves with every small change of a probability: it is the mean probability of the right class. An
    example is right or wrong, by its most probable class."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Y * Yhat).sum(dim=1).mean()
    return L, acc


@instead_of("loss_accuracy")
def accuracy_returned_first(Yhat, Y):
    """You return the two values in the other order: the loss comes first, then the accuracy."""
    smallest = torch.finfo(Yhat.dtype).tiny
    L = -(Y * torch.log(Yhat.clamp(min=smallest))).sum(dim=1).mean()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()
    return acc, L


@instead_of("sgd")
def plus_instead_of_minus(params, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign has a descent?"""
    with torch.no_grad():
        for p in params.values():
            p += eta * p.grad
            p.grad = None
    return params


@instead_of("sgd")
def gradients_never_cleared(params, eta):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients that
    are there, and nobody clears them."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    return params


@instead_of("sgd")
def gradients_of_the_biases_never_cleared(params, eta):
    """Your weights step rightly; your biases repeat all their earlier steps each time, because only the gradients of
    the weights are cleared. Every parameter has one."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    for name in ("Wh", "Wy"):
        params[name].grad = None
    return params


@instead_of("sgd")
def step_recorded_by_autograd(params, eta):
    """PyTorch refuses your step: a leaf that requires a gradient may not be changed in place while autograd records.
    The step is no part of the computation to be derived: switch the recording off for it."""
    for p in params.values():
        p -= eta * p.grad
        p.grad = None
    return params


@instead_of("sgd")
def new_parameters_that_are_no_leaves(params, eta):
    """Your step is right, and it is the last: the parameters that you return were computed from the old ones while
    autograd recorded, so they are no leaves, and the next `backward` leaves their `.grad` at None. Each step of yours
    would also hang on the graph of all those before."""
    return {name: p - eta * p.grad for name, p in params.items()}


@instead_of("sgd")
def new_parameters_without_gradient(params, eta):
    """Your step is right, and it is the last: the parameters that you return are new tensors, and a tensor made by
    `detach`, or while the recording is off, requires no gradient until it is told to."""
    with torch.no_grad():
        return {name: p - eta * p.grad for name, p in params.items()}


@instead_of("sgd")
def step_that_changes_nothing(params, eta):
    """Your parameters stay as they were. `p = p - ...` makes a new tensor and gives it the name p; the dictionary keeps
    the old one. The same is seen when gradients are zeroed before the step. Change what the dictionary holds."""
    for p in params.values():
        gradient = p.grad
        p.grad = None
        p = p - eta * gradient
    return params


@instead_of("sgd")
def gradients_set_to_none_before_the_step(params, eta):
    """PyTorch says that it cannot multiply a number by None: your gradients are cleared before the step has used them.
    Clearing comes last."""
    for p in params.values():
        p.grad = None
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
    return params


@instead_of("sgd")
def learning_rate_left_out(params, eta):
    """Your step is the whole gradient, whatever `eta` is. How far to go along it is for the learning rate to say."""
    with torch.no_grad():
        for p in params.values():
            p -= p.grad
            p.grad = None
    return params


@instead_of("sgd")
def divided_by_the_learning_rate(params, eta):
    """Your steps are longest where `eta` is smallest: you divide by it. A small learning rate is to mean small
    steps."""
    with torch.no_grad():
        for p in params.values():
            p -= p.grad / eta
            p.grad = None
    return params


@instead_of("sgd")
def biases_never_updated(params, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other, with a gradient of its own."""
    with torch.no_grad():
        for name, p in params.items():
            if name.startswith("W"):
                p -= eta * p.grad
            p.grad = None
    return params


@instead_of("sgd")
def only_the_last_layer_updated(params, eta):
    """Only `Wy` and `by` move; the hidden layer stays as it was drawn. Go through all the parameters."""
    with torch.no_grad():
        for name, p in params.items():
            if name.endswith("y"):
                p -= eta * p.grad
            p.grad = None
    return params


@instead_of("sgd")
def gradient_normalised_to_length_one(params, eta):
    """Every step of yours has the same length: you divide the gradient by its norm. In gradient descent the steps
    become shorter by themselves, as the slope does."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad / p.grad.norm()
            p.grad = None
    return params


@instead_of("sgd")
def parameters_replaced_by_the_step(params, eta):
    """Your new parameters are the step itself: where you came from is missing. A step starts from the old
    parameters."""
    with torch.no_grad():
        for p in params.values():
            p.copy_(-eta * p.grad)
            p.grad = None
    return params


@instead_of("sgd")
def parameters_not_returned(params, eta):
    """Your `sgd` returns None: the step is taken in place, and then nothing is handed back. Whoever calls it goes on
    with what it returns."""
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad = None


@instead_of("train")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is no multiple of the batch size, those left over are never used: an integer division
    rounds down. The last batch of an epoch is shorter, and counts."""
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
    """The last batch of each epoch is missing, a full one too: your range ends one batch early. Write down, for ten
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
    """Only the first batch of each epoch moves your parameters. Either the slice ends at the batch size, so that all
    later batches are empty (their loss is not a number, their gradient 0), or an epoch of yours is one step. Print the
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


@instead_of("train")
def batches_that_overlap(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches have an example too many, the first of the next one: the end of a slice is not part of it, and needs
    no 1 added."""
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
    """Each of your full batches has an example too few: the end of a slice is not part of it already, and needs no 1
    taken off."""
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


@instead_of("train")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch shows the same batches in the same order: you shuffle once, before the first. A new order each epoch
    lets the errors of single batches average out."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch. In data sorted by class, every batch pulls towards
    one class."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def batches_shuffled_examples_not(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches come in a random order, but each always holds the same examples, neighbours in the file. In data
    sorted by class, every batch pulls towards one class. Shuffle before you cut."""
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
    """Your network learns nothing but the frequency of the classes: the inputs are put in a new order and the targets
    are not, so that they no longer belong together. One order serves both."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def data_shuffled_in_place(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """After your training the caller's X and Y are in another order: you wrote the shuffled rows back into them. Make a
    new tensor, or an order to read them by."""
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
    """In one epoch, some examples are seen twice and others not at all: you draw each index anew. An epoch shows every
    example exactly once: draw an order, not indices."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are not seen
    in that epoch."""
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


@instead_of("train")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every step of yours uses all the examples, so that `batch_size` only sets how many steps there are. In mini-batch
    descent a step sees one batch."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            yhat, _ = forward(params, X)
            L, _ = loss_accuracy(yhat, Y)
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You cut the examples into `batch_size` batches. It is the number of examples in one."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def one_step_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move once an epoch, by the sum of the gradients of all its batches. A step belongs to each batch:
    look at the indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
        params = sgd(params, eta)
    return params


@instead_of("train")
def only_the_last_batch_derived(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch of yours ends in one step, from its last batch alone: `backward` and the step stand after the loop
    over the batches. Look at the indentation."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
        L.backward()
        params = sgd(params, eta)
    return params


@instead_of("train")
def running_total_differentiated(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch refuses your second `backward`: it is called on the sum of the losses so far, whose graph leads back
    through batches that are done with. Add up numbers for your statistics, and derive the loss of one batch."""
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


@instead_of("train")
def new_parameters_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """What an epoch has learned is thrown away by the next: the parameters are made inside the loop over the epochs, so
    that only the last one counts. Which lines belong before the loop?"""
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
    """Your training runs one epoch too long: `epochs=0` should return the initial parameters, and yours have moved. How
    many numbers are there in `range(epochs + 1)`?"""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def order_ignores_the_generator(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The same generator gives the same initial parameters, but another order of the examples each time. Whatever draws
    the order has to be told which generator to draw from, too."""
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
    """The same generator gives other initial parameters each time: look at what `train` hands to `init_params`."""
    params = init_params(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every training of yours gives the same parameters, whatever generator it is given: it makes one of its own, with
    a fixed seed. Seeds are for whoever runs the experiment."""
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


@instead_of("train")
def same_shuffle_seed_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples is the same in every epoch, and whatever the generator: a seed is set before each
    shuffle. A generator goes on by itself; that is what makes the orders differ."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained network has ten hidden neurons, whatever `nh` says: look at what `train` hands to `init_params`."""
    params = init_params(X.shape[1], 10, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always steps by 0.1 times the gradient, whatever `eta` says: look at what `train` hands to
    `sgd`."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            L.backward()
            params = sgd(params, 0.1)
    return params


@instead_of("train")
def gradient_of_the_sum(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too long by exactly the size of the batch: you derive the sum of the losses of its examples.
    Derive the mean."""
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
    """Your steps are too short by exactly the size of the batch: the loss is a mean already, and is divided by the
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


@instead_of("train")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All your steps are right but the one on the last, shorter batch, which is too short: you divide its sum by
    `batch_size`, and it has fewer examples. A mean divides by how many there are."""
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            yhat, _ = forward(params, X[batch])
            L, _ = loss_accuracy(yhat, Y[batch])
            (L * len(batch) / batch_size).backward()
            params = sgd(params, eta)
    return params


@instead_of("train")
def backward_forgotten(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters have no gradient when the step wants to use it: `.grad` is None. Autograd works out gradients
    when it is told to, from the loss."""
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


@instead_of("train")
def last_loss_returned_too(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return a loss beside the parameters. The parameters alone are asked for."""
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
