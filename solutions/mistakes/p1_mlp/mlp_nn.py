"""Known mistakes of `mlp_nn`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, init_model and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_model")
def softmax_layer_in_the_model(nx, nh, ny):
    """Your model returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the softmax
    itself, so here it is applied twice, and the gradients become small. Where should the network end?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Softmax(dim=1))
    return model, nn.CrossEntropyLoss()


@instead_of("init_model")
def relu_instead_of_tanh(nx, nh, ny):
    """Your hidden layer goes through a ReLU. That also learns, but this network should use the hyperbolic tangent."""
    return nn.Sequential(nn.Linear(nx, nh), nn.ReLU(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def sigmoid_instead_of_tanh(nx, nh, ny):
    """Your hidden layer goes through a sigmoid, whose values lie in (0, 1). The network should use the hyperbolic
    tangent, which lies in (-1, 1): it is centred on zero and learns faster."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Sigmoid(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model", title="no activation between the layers")
def no_activation(nx, nh, ny):
    """Your scores are an affine function of the input: without an activation between them, two linear layers can do no
    more than one, and a straight line cannot separate the circles. What belongs between the layers?"""
    return nn.Sequential(nn.Linear(nx, nh), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def tanh_on_the_scores(nx, nh, ny):
    """Your scores all lie between -1 and 1: you apply a tanh to the last layer too. Then no class can ever be much more
    probable than another. Which of the two layers should have the activation?"""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Tanh()), nn.CrossEntropyLoss()


@instead_of("init_model")
def hidden_layer_without_bias(nx, nh, ny):
    """nh parameters are missing: your first layer has no bias, so every hidden neuron is 0 at the origin. Both layers
    should have one."""
    return nn.Sequential(nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def output_layer_without_bias(nx, nh, ny):
    """ny parameters are missing: your second layer has no bias, so the scores cannot favour a class regardless of the
    input. Both layers should have one."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny, bias=False)), nn.CrossEntropyLoss()


@instead_of("init_model", title="no biases in the model")
def layers_without_biases(nx, nh, ny):
    """nh + ny parameters are missing: neither of your layers has a bias, so at the origin all scores are 0. Both layers
    should have one."""
    layers = nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny, bias=False)
    return nn.Sequential(*layers), nn.CrossEntropyLoss()


@instead_of("init_model")
def one_hidden_layer_too_many(nx, nh, ny):
    """Your model has a third linear layer, nh to nh. There should be two: from the inputs to the hidden neurons, and
    from those to the scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss()


@instead_of("init_model")
def hidden_size_ignored(nx, nh, ny):
    """Your model always has ten hidden neurons, whatever `nh` says. A value that is passed in as an argument should not
    be fixed in the body."""
    return nn.Sequential(nn.Linear(nx, 10), nn.Tanh(), nn.Linear(10, ny)), nn.CrossEntropyLoss()


@instead_of("init_model", title="weights initialized to zero")
def all_weights_start_at_zero(nx, nh, ny):
    """All your parameters start at 0. Then all hidden neurons compute the same value, no gradient gets past the second
    layer, and the network never learns more than how frequent each class is. Weights have to start out different from
    each other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model, nn.CrossEntropyLoss()


@instead_of("init_model", title="all weights start at the same number")
def all_weights_start_equal(nx, nh, ny):
    """All your weights start at the same number. Then all hidden neurons compute the same value and get the same
    gradient, so they stay equal, and the network can do no more than one neuron. Weights have to start out different
    from each other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    for layer in (model[0], model[2]):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    return model, nn.CrossEntropyLoss()


@instead_of("init_model", title="layers in a plain list")
def layers_kept_in_a_list(nx, nh, ny):
    """Your model has no parameters: its layers are in a Python list, where a module does not look for them. So no step
    can change them, and `model.double()` does not reach them either. Which containers does torch.nn have?"""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)]

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    return Net(), nn.CrossEntropyLoss()


@instead_of("init_model")
def dropout_in_the_model(nx, nh, ny):
    """Two calls of your model on the same inputs differ: there is a dropout layer in it. Dropout is useful in large
    networks; this model is just two linear layers and a tanh."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Dropout(0.5), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model")
def seed_set_in_init_model(nx, nh, ny):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `init_model`. The caller should choose the seed; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.CrossEntropyLoss()


@instead_of("init_model", title="loss summed over the batch")
def loss_that_sums(nx, nh, ny):
    """Your loss is too large by exactly the size of the batch: it sums over the examples where it should take their
    mean, and the steps grow with the batch."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.CrossEntropyLoss(reduction="sum")


@instead_of("init_model", title="label smoothing in the loss")
def smoothed_targets(nx, nh, ny):
    """Your loss never comes near 0: it smooths the targets, so even a prediction that is right and certain has a cost.
    That is a form of regularization, which is not part of this exercise."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(label_smoothing=0.1)


@instead_of("init_model", title="binary cross-entropy instead of cross-entropy")
def binary_cross_entropy_of_each_class(nx, nh, ny):
    """Your loss is the binary cross-entropy, which treats each class as a yes-or-no question of its own. Here the
    classes exclude each other: exactly one is right."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.BCEWithLogitsLoss()


@instead_of("init_model", title="mean squared error instead of cross-entropy")
def mean_squared_error(nx, nh, ny):
    """Your loss is the mean squared error. That loss is for predicting quantities. For classes, use the cross-entropy:
    its gradient stays large where a prediction is confidently wrong."""
    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), nn.MSELoss()


@instead_of("init_model", title="NLLLoss applied to raw scores")
def likelihood_of_raw_scores(nx, nh, ny):
    """Your loss is minus the mean score of the correct class, which can be negative and has no lower bound: PyTorch's
    NLLLoss expects logarithms of probabilities, and the model returns scores."""

    def loss(scores, targets):
        return nn.functional.nll_loss(scores, targets.argmax(dim=1))

    return nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)), loss


@instead_of("loss_accuracy")
def accuracy_as_a_percentage(loss, Yhat, Y):
    """Your accuracy is a hundred times too large: it should be a fraction in [0, 1], not a percentage."""
    return loss(Yhat, Y), 100 * (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def accuracy_as_a_count(loss, Yhat, Y):
    """Your accuracy is the number of right answers. It should be a fraction of the batch."""
    return loss(Yhat, Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().sum()


@instead_of("loss_accuracy", title="accuracy counts the errors")
def errors_counted_instead_of_hits(loss, Yhat, Y):
    """Your accuracy is 1 minus the correct one: you return the fraction of wrong answers."""
    return loss(Yhat, Y), (Yhat.argmax(dim=1) != Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def argmax_over_the_batch(loss, Yhat, Y):
    """Your argmax runs over the examples: it finds the best example for each class instead of the best class for each
    example. Which axis of (batch, ny) holds the classes?"""
    return loss(Yhat, Y), (Yhat.argmax(dim=0) == Y.argmax(dim=0)).float().mean()


@instead_of("loss_accuracy", title="accuracy compared entry by entry")
def accuracy_entry_by_entry(loss, Yhat, Y):
    """You compare all batch × ny entries of the one-hot tables, so zeros that both tables share count as right answers.
    An example is right or wrong as a whole."""
    predicted = nn.functional.one_hot(Yhat.argmax(dim=1), Y.shape[1])
    return loss(Yhat, Y), (predicted == Y).float().mean()


@instead_of("loss_accuracy")
def softmax_before_the_loss(loss, Yhat, Y):
    """Your loss hardly changes and never comes near 0: you apply a softmax and pass the probabilities to a
    cross-entropy that applies one itself. What does `loss` expect?"""
    return loss(torch.softmax(Yhat, dim=1), Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy")
def targets_and_scores_swapped(loss, Yhat, Y):
    """You pass the targets to the loss as its scores, and the scores as its targets. The order of its two arguments
    matters: prediction first."""
    return loss(Y, Yhat), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy", title="loss and accuracy returned in the wrong order")
def loss_and_accuracy_swapped(loss, Yhat, Y):
    """You return the accuracy first and the loss second. The order is `(L, acc)`."""
    return (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean(), loss(Yhat, Y)


@instead_of("loss_accuracy")
def loss_divided_by_the_batch_again(loss, Yhat, Y):
    """Your loss is too small by exactly the size of the batch: PyTorch's losses are means already, and you divide by
    the number of examples once more."""
    return loss(Yhat, Y) / len(Y), (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("loss_accuracy", title="loss detached from the graph")
def loss_cut_from_the_graph(loss, Yhat, Y):
    """The number is right, but your training cannot call `backward` on it: `.item()`, `.detach()` and `torch.tensor(L)`
    separate a result from the graph that leads back to the parameters. Detach only what you print."""
    L = loss(Yhat, Y).detach()
    return L, (Yhat.argmax(dim=1) == Y.argmax(dim=1)).float().mean()


@instead_of("sgd", title="step along the gradient instead of against it")
def plus_instead_of_minus(model, eta):
    """Your step goes uphill: the gradient points to where the loss grows. Which sign does a descent step have?"""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def gradients_never_zeroed(model, eta):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients that
    are there, and they are never cleared. Clear them once per step, in `sgd` or in `train`."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= eta * parameter.grad
    return model


@instead_of("sgd", title="step does not change the model")
def step_that_changes_nothing(model, eta):
    """Your model does not change. `p = p - ...` makes a new tensor and calls it p; the model still holds the old one.
    You see the same if gradients are cleared before the step. Change what the model holds."""
    for parameter in model.parameters():
        parameter = parameter - eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def step_recorded_by_autograd(model, eta):
    """PyTorch refuses your step: a parameter that requires a gradient may not be changed in place while autograd
    records. The step is not part of the computation to differentiate: switch recording off for it."""
    for parameter in model.parameters():
        parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def learning_rate_left_out(model, eta):
    """Your step is the whole gradient, whatever `eta` is. The learning rate should set how far to go along it."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def biases_never_updated(model, eta):
    """Your weights move and your biases do not. A bias is a parameter like any other and has its own gradient."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def only_the_last_layer_updated(model, eta):
    """Only the last layer of your model moves; the hidden layer keeps its initial weights. Go through all the
    parameters."""
    with torch.no_grad():
        for parameter in model[-1].parameters():
            parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd")
def only_the_hidden_layer_updated(model, eta):
    """Your first layer moves and your second one does not. All parameters of the model take the step."""
    with torch.no_grad():
        for parameter in model[0].parameters():
            parameter -= eta * parameter.grad
    model.zero_grad()
    return model


@instead_of("sgd", title="gradient normalized to length 1")
def gradient_normalized_to_length_one(model, eta):
    """All your steps have the same length: you divide the gradient by its norm. In gradient descent the steps get
    shorter by themselves as the slope flattens."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= eta * parameter.grad / parameter.grad.norm()
    model.zero_grad()
    return model


@instead_of("train", title="last, shorter batch dropped")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is not a multiple of the batch size, the remaining ones are never used: an integer
    division rounds down. The last batch of an epoch is shorter, but it counts too."""
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
    """The last batch of each epoch is missing, even a full one: your range ends one batch early. Write down, for ten
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


@instead_of("train", title="shuffled only once")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch uses the same batches in the same order: you shuffle only once, before the first epoch. With a new
    order in each epoch, the errors of single batches average out."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="examples never shuffled")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch, and the generator has no effect. If the data were
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
    """Your model learns nothing but the frequency of the classes: the inputs are put into a new order and the targets
    are not, so they no longer belong together. Use one order for both."""
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
    """In one epoch, some examples are seen twice and others not at all: you draw each index independently. An epoch
    should use every example exactly once: draw an order, not single indices."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="first batch used in every step")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: the slice does not move with the loop. The other examples are never
    used in that epoch."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="whole data set used in every step")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your steps uses all the examples, so `batch_size` only sets how many steps there are. In mini-batch
    gradient descent a step uses one batch."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            L, _ = loss_accuracy(loss, model(X), Y)
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="batch size used as the number of batches")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You split the examples into `batch_size` batches, but `batch_size` is the number of examples in one batch."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="only one step per epoch")
def one_step_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move only once per epoch, along the sum of the gradients of all its batches. There should be one
    step for each batch: look at the indentation."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
        model = sgd(model, eta)
    return model


@instead_of("train", title="new model in every epoch")
def new_model_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch throws away what the one before has learned: the model is made inside the loop over the epochs, so
    only the last epoch counts. Which lines belong before the loop?"""
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
    """Your training runs one epoch too long: `epochs=0` should return the initial model, and yours has changed. How
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
    """Your order of the examples does not depend on `generator`: the same generator gives a different order each time.
    The call that draws the order needs the generator."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="seed set inside the training")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `train`. The caller should choose the seed; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="hidden size not passed to init_model")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained model always has ten hidden neurons, whatever `nh` says: look at what `train` passes to
    `init_model`."""
    model, loss = init_model(X.shape[1], 10, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model


@instead_of("train", title="learning rate not passed to sgd")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always uses the learning rate 0.1, whatever `eta` says: look at what `train` passes to `sgd`."""
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, 0.1)
    return model
