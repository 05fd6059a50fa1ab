"""Known mistakes of `mlp_nn`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, init_model and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_model")
def softmax_layer_in_the_model(nx, nh, ny):
    """Your model returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the
    softmax itself, so here it is applied twice, and the gradients fade. Where should the network end?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Softmax(dim=1))
    return model, nn.CrossEntropyLoss()


@instead_of("init_model")
def relu_instead_of_tanh(nx, nh, ny):
    """Your hidden layer goes through a ReLU. It learns as well, but this network is the one with the hyperbolic
    tangent."""
    return nn.Sequential(nn.Linear(nx, nh), nn.ReLU(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def sigmoid_instead_of_tanh(nx, nh, ny):
    """Your hidden layer goes through a sigmoid, whose values lie in (0, 1). The network asked for has a hyperbolic
    tangent, in (-1, 1): centred on zero, and it learns faster."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Sigmoid(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def no_activation(nx, nh, ny):
    """Your scores are an affine function of the input: without an activation between them, two linear layers are
    worth one, and no circle is separated by a line. What stands between the layers?"""
    return nn.Sequential(nn.Linear(nx, nh), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def tanh_on_the_scores(nx, nh, ny):
    """Your scores all lie between -1 and 1: a tanh follows the last layer too. So no class can ever be much more
    probable than another. Which of the two layers does the activation belong to?"""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Tanh()), nn.CrossEntropyLoss()


@instead_of("init_model")
def hidden_layer_without_bias(nx, nh, ny):
    """nh parameters are missing: your first layer has no bias, so every hidden neuron is 0 at the origin. Both
    layers are to have one."""
    return nn.Sequential(nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def output_layer_without_bias(nx, nh, ny):
    """ny parameters are missing: your second layer has no bias, so the scores can favour no class by themselves.
    Both layers are to have one."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny, bias=False)), nn.CrossEntropyLoss()


@instead_of("init_model")
def one_hidden_layer_too_many(nx, nh, ny):
    """Your model has a third linear layer, nh to nh. Two are asked for: from the inputs to the hidden neurons, and
    from those to the scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss()


@instead_of("init_model")
def hidden_size_ignored(nx, nh, ny):
    """Your model has ten hidden neurons, whatever `nh` says. A number that stands in the signature should not stand
    in the body."""
    return nn.Sequential(nn.Linear(nx, 10), nn.Tanh(), nn.Linear(10, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def all_weights_start_at_zero(nx, nh, ny):
    """All your parameters start at 0. Then every hidden neuron computes the same, no gradient passes the second
    layer, and the network never learns more than how frequent each class is. Weights have to start different from
    each other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model, nn.CrossEntropyLoss()


@instead_of("init_model")
def loss_that_sums(nx, nh, ny):
    """Your loss is too large by exactly the size of the batch: it sums over the examples where a mean is asked for,
    and the steps grow with the batch."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.CrossEntropyLoss(reduction="sum")


@instead_of("init_model")
def mean_squared_error(nx, nh, ny):
    """Your loss is the mean squared error. That one is for predicting quantities; for classes it is the
    cross-entropy, which goes on pulling where a prediction is confidently wrong."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.MSELoss()


@instead_of("init_model")
def likelihood_of_raw_scores(nx, nh, ny):
    """Your loss is minus the mean score of the right class, which can be negative and has no lower bound: PyTorch's
    NLLLoss expects logarithms of probabilities, and the model returns scores."""

    def loss(scores, targets):
        return nn.functional.nll_loss(scores, targets.argmax(dim=1))

    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), loss


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(loss, Yhat, Y):
    """Your accuracy is a hundred times too large: a fraction in [0, 1] is asked for, not a percentage."""
    return loss(Yhat, Y), 100 * (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def accuracy_as_a_count(loss, Yhat, Y):
    """Your accuracy is the number of right answers. A fraction of the batch is asked for."""
    return loss(Yhat, Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().sum()


@instead_of("loss_accuracy")
def errors_counted_in_place_of_hits(loss, Yhat, Y):
    """Your accuracy is 1 minus the right one: the fraction of wrong answers."""
    return loss(Yhat, Y), (Yhat.argmax(dim=1) != Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def argmax_over_the_batch(loss, Yhat, Y):
    """Your argmax runs over the examples: it asks, for each class, which example is the most typical. Which axis of
    (batch, ny) holds the classes?"""
    return loss(Yhat, Y), (Yhat.argmax(dim=0) == Y.argmax(dim=0)).float().mean()


@instead_of("loss_accuracy")
def accuracy_entry_by_entry(loss, Yhat, Y):
    """You compare all batch times ny entries of the one-hot tables, so that the zeros two tables have in common
    count as right answers. An example is right or wrong as a whole."""
    predicted = nn.functional.one_hot(Yhat.argmax(dim=1), Y.shape[1])
    return loss(Yhat, Y), (predicted == Y).float().mean()


@instead_of("loss_accuracy")
def softmax_before_the_loss(loss, Yhat, Y):
    """Your loss hardly moves, and never comes near 0: you apply a softmax and hand the probabilities to a
    cross-entropy that applies one itself. What does `loss` take?"""
    return loss(torch.softmax(Yhat, dim=1), Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def targets_and_scores_swapped(loss, Yhat, Y):
    """You give the targets to the loss as its scores, and the scores as its targets. The order of its two arguments
    matters: prediction first."""
    return loss(Y, Yhat), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def loss_and_accuracy_swapped(loss, Yhat, Y):
    """You return the accuracy first and the loss second. The order is `(L, acc)`."""
    return (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean(), loss(Yhat, Y)


@instead_of("loss_accuracy")
def loss_divided_by_the_batch_again(loss, Yhat, Y):
    """Your loss is too small by exactly the size of the batch. PyTorch's losses are means already."""
    return loss(Yhat, Y) / len(Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def loss_cut_from_the_graph(loss, Yhat, Y):
    """The number is right, but your training cannot call `backward` on it: `.item()`, `.detach()` and
    `torch.tensor(L)` cut a result from the graph that leads back to the parameters. Cut only what you print."""
    L = loss(Yhat, Y).detach()
    return L, (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("sgd")
def plus_instead_of_minus(model, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign has a descent?"""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def gradients_never_zeroed(model, eta):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients
    that are there, and nobody clears them. Do so once a step, in `sgd` or in `train`."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= eta * parameter.grad
    return model


@instead_of("sgd")
def step_that_changes_nothing(model, eta):
    """Your model stays as it was. `p = p - ...` makes a new tensor and gives it the name p; the model keeps the old
    one. The same is seen when gradients are cleared before the step. Change what the model holds."""
    for parameter in model.parameters():
        parameter = parameter - eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def step_recorded_by_autograd(model, eta):
    """PyTorch refuses your step: a parameter that needs a gradient may not be changed in place while autograd
    records. The step is no part of the computation to be derived: switch the recording off for it."""
    for parameter in model.parameters():
        parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def learning_rate_left_out(model, eta):
    """Your step is the whole gradient, whatever `eta` is. How far to go along it is for the learning rate to
    say."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def biases_never_updated(model, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other, with a gradient of its
    own."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def only_the_last_layer_updated(model, eta):
    """Only the last layer of your model moves; the hidden one stays as it was drawn. Go through all the
    parameters."""
    with torch.no_grad():
        for parameter in model[-1].parameters():
            parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def gradient_normalised_to_length_one(model, eta):
    """Every step of yours has the same length: you divide the gradient by its norm. In gradient descent the steps
    become shorter by themselves, as the slope does."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= eta * parameter.grad / parameter.grad.norm()
    model.zero_grad()
    return model


@instead_of("train")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is no multiple of the batch size, those left over are never used: an integer
    division rounds down. The last batch of an epoch is shorter, and counts."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def last_batch_always_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The last batch of each epoch is missing, a full one too: your range ends one batch early. Write down, for ten
    examples in batches of five, where each batch starts."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - batch_size, batch_size):
            batch = order[start : start + batch_size]
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch shows the same batches in the same order: you shuffle once, before the first. A new order each
    epoch lets the errors of single batches average out."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch, and the generator is of no consequence. In data
    sorted by class, every batch would pull towards one class."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            L, _ = loss_accuracy(loss, model(x), y)
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def inputs_shuffled_without_their_targets(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model learns nothing but the frequency of the classes: the inputs are put in a new order and the targets
    are not, so that they no longer belong together. One order serves both."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            L, _ = loss_accuracy(loss, model(x), y)
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def batches_drawn_with_replacement(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """In one epoch, some examples are seen twice and others not at all: you draw each index anew. An epoch shows
    every example exactly once: draw an order, not indices."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are not
    seen in that epoch."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every step of yours uses all the examples, so that `batch_size` only sets how many steps there are. In
    mini-batch descent a step sees one batch."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            L, _ = loss_accuracy(loss, model(X), Y)
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You cut the examples into `batch_size` batches. It is the number of examples in one."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def one_step_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move once an epoch, by the sum of the gradients of all its batches. A step belongs to each
    batch: look at the indentation."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
        model = sgd(model, eta)
    return model


@instead_of("train")
def new_model_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """What an epoch has learned is thrown away by the next: the model is made inside the loop over the epochs, so
    that only the last one counts. Which lines belong before the loop?"""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        model, loss = init_model(X.shape[1], nh, Y.shape[1])
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def one_epoch_too_few(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends one epoch early; with `epochs=1` nothing happens at all. How many numbers are there in
    `range(1, epochs)`?"""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(1, epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def one_epoch_too_many(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training runs one epoch too long: `epochs=0` should return the initial model, and yours has moved. How
    many numbers are there in `range(epochs + 1)`?"""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def generator_ignored(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples does not depend on `generator`: the same one gives another order each time.
    Whatever draws the order has to be told which generator to draw from."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `train`. Seeds are for whoever runs the experiment; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained model has ten hidden neurons, whatever `nh` says: look at what `train` hands to `init_model`."""
    model, loss = init_model(X.shape[1], 10, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always steps by 0.1 times the gradient, whatever `eta` says: look at what `train` hands to
    `sgd`."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, 0.1)
    return model
