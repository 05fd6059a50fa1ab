"""Known mistakes of `mlp_optim`.

Each takes the place of one function of the reference solution and may use the other. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, init_model and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_model")
def softmax_layer_in_the_model(nx, nh, ny, eta):
    """Your model returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the softmax
    itself, so here it is applied twice, and the gradients fade. Where should the network end?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Softmax(dim=1))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def log_softmax_layer_in_the_model(nx, nh, ny, eta):
    """Your model returns logarithms of probabilities. It learns the same, since a second log-softmax changes nothing,
    but scores are asked for: the loss holds all that comes after them."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.LogSoftmax(dim=1))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def relu_instead_of_tanh(nx, nh, ny, eta):
    """Your hidden layer goes through a ReLU. It learns as well, but this network is the one with the hyperbolic
    tangent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.ReLU(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def sigmoid_instead_of_tanh(nx, nh, ny, eta):
    """Your hidden layer goes through a sigmoid, whose values lie in (0, 1). The network asked for has a hyperbolic
    tangent, in (-1, 1): centred on zero, and it learns faster."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Sigmoid(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def no_activation(nx, nh, ny, eta):
    """Your scores are an affine function of the input: without an activation between them, two linear layers are worth
    one, and no circle is separated by a line. What stands between the layers?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def tanh_on_the_scores(nx, nh, ny, eta):
    """Your scores all lie between -1 and 1: a tanh follows the last layer too. So no class can ever be much more
    probable than another. Which of the two layers does the activation belong to?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Tanh())
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def hidden_layer_without_bias(nx, nh, ny, eta):
    """nh parameters are missing: your first layer has no bias, so every hidden neuron is 0 at the origin. Both layers
    are to have one."""
    model = nn.Sequential(nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def output_layer_without_bias(nx, nh, ny, eta):
    """ny parameters are missing: your second layer has no bias, so the scores can favour no class by themselves. Both
    layers are to have one."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny, bias=False))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def one_hidden_layer_too_many(nx, nh, ny, eta):
    """Your model has a third linear layer, nh to nh. Two are asked for: from the inputs to the hidden neurons, and from
    those to the scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def hidden_size_ignored(nx, nh, ny, eta):
    """Your model has ten hidden neurons, whatever `nh` says. A number that stands in the signature should not stand in
    the body."""
    model = nn.Sequential(nn.Linear(nx, 10), nn.Tanh(), nn.Linear(10, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def layer_sizes_in_the_order_of_weights(nx, nh, ny, eta):
    """PyTorch refuses your inputs: each layer takes as many numbers as it should give. A weight has the shape (out,
    in), but a linear layer is made by naming its inputs first."""
    model = nn.Sequential(nn.Linear(nh, nx), nn.Tanh(), nn.Linear(ny, nh))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def dropout_nobody_asked_for(nx, nh, ny, eta):
    """Two calls of your model on the same inputs differ: there is a dropout layer in it. It has its use in large
    networks; this one is two linear layers and a tanh."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Dropout(0.5), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def all_weights_start_at_zero(nx, nh, ny, eta):
    """All your parameters start at 0. Then every hidden neuron computes the same, no gradient passes the second layer,
    and the network never learns more than how frequent each class is. Weights have to start different from each
    other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def model_in_double_precision(nx, nh, ny, eta):
    """Your parameters are float64. The data is float32, and PyTorch multiplies no matrices of different types. Which
    type has a layer when nobody asks for one?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)).double()
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def seed_set_in_init_model(nx, nh, ny, eta):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `init_model`. Seeds are for whoever runs the experiment; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def loss_that_sums(nx, nh, ny, eta):
    """Your loss is too large by exactly the size of the batch: it sums over the examples where a mean is asked for, and
    the steps grow with the batch."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(reduction="sum"), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def loss_of_each_example(nx, nh, ny, eta):
    """Your loss has a number for each example, and `backward` starts from a single one. The mean over the batch is
    switched off."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(reduction="none"), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def smoothed_targets(nx, nh, ny, eta):
    """Your loss never comes near 0: it smooths the targets, so that a prediction that is right and certain costs as
    well. That is a regularisation, of which nothing is said here."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(label_smoothing=0.1), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def mean_squared_error(nx, nh, ny, eta):
    """Your loss is the mean squared error. That one is for predicting quantities; for classes it is the cross-entropy,
    which goes on pulling where a prediction is confidently wrong."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def binary_cross_entropy_of_each_class(nx, nh, ny, eta):
    """Your loss asks of each class by itself whether it is there, by a sigmoid. That is for classes that do not exclude
    each other. Here one of them is right, and they share the probability by a softmax."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def likelihood_of_raw_scores(nx, nh, ny, eta):
    """Your loss is minus the mean score of the right class, which can be negative and has no lower bound: PyTorch's
    NLLLoss expects logarithms of probabilities, and the model returns scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return (
        model,
        lambda scores, targets: nn.functional.nll_loss(scores, targets.argmax(dim=1)),
        torch.optim.SGD(model.parameters(), lr=eta),
    )


@instead_of("init_model")
def loss_class_not_made_into_a_loss(nx, nh, ny, eta):
    """PyTorch complains of the truth value of a tensor, or of too many arguments: you return the class of the loss, not
    a loss. Where you mean to compute one, you make a new one, with your scores as its settings. What turns a class into
    an object?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss, torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def momentum_added(nx, nh, ny, eta):
    """Your first step is right, and the later ones go too far: with momentum each step takes part of those before
    along. Plain gradient descent looks at the gradient of this batch alone."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)


@instead_of("init_model")
def nesterov_momentum_added(nx, nh, ny, eta):
    """Your steps are too long from the first on, by nearly 2: Nesterov's momentum takes its own look ahead. Plain
    gradient descent looks at the gradient of this batch alone."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9, nesterov=True)


@instead_of("init_model")
def weight_decay_added(nx, nh, ny, eta):
    """Each step of yours also pulls all parameters towards 0: that is weight decay. It can help against overfitting,
    but it is not plain gradient descent on the cross-entropy."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, weight_decay=1e-2)


@instead_of("init_model")
def adam_instead_of_sgd(nx, nh, ny, eta):
    """Your first step has the same length, eta, in every parameter, however steep the loss: that is Adam, which divides
    by the size of the gradients. It works with much smaller rates. Plain gradient descent is asked for."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=eta)


@instead_of("init_model")
def rmsprop_instead_of_sgd(nx, nh, ny, eta):
    """Your steps do not shrink with the slope: RMSprop divides each gradient by a running root mean square. Plain
    gradient descent is asked for."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.RMSprop(model.parameters(), lr=eta)


@instead_of("init_model")
def adagrad_instead_of_sgd(nx, nh, ny, eta):
    """Your steps become shorter as training goes on, whatever the slope: Adagrad divides by the root of all squared
    gradients so far. Plain gradient descent is asked for."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Adagrad(model.parameters(), lr=eta)


@instead_of("init_model")
def adamw_instead_of_sgd(nx, nh, ny, eta):
    """Your first step has nearly the same length, eta, in every parameter, and pulls it towards 0 besides: that is Adam
    with weight decay. Plain gradient descent is asked for."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.AdamW(model.parameters(), lr=eta)


@instead_of("init_model")
def rprop_instead_of_sgd(nx, nh, ny, eta):
    """Only the sign of each gradient counts in your steps, not its size: that is Rprop, made for the whole data set at
    once. Plain gradient descent is asked for."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Rprop(model.parameters(), lr=eta)


@instead_of("init_model")
def learning_rate_ignored(nx, nh, ny, eta):
    """Your steps are 0.1 times the gradient, whatever `eta` says. A number that stands in the signature should not
    stand in the body."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.1)


@instead_of("init_model")
def default_learning_rate(nx, nh, ny, eta):
    """Your network hardly moves: the optimizer is not told the learning rate and takes its own, a thousandth. Where
    does `eta` come in?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters())


@instead_of("init_model")
def uphill(nx, nh, ny, eta):
    """Your loss grows: the optimizer is set to maximise. Which way does a loss go?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, maximize=True)


@instead_of("init_model")
def only_the_last_layer_optimized(nx, nh, ny, eta):
    """Only the last layer of your model moves; the hidden one stays as it was drawn. The optimizer moves what it was
    given: all the parameters, or those of one layer?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model[-1].parameters(), lr=eta)


@instead_of("init_model")
def only_the_hidden_layer_optimized(nx, nh, ny, eta):
    """Only the hidden layer of your model moves; the scores stay the same function of it. The optimizer moves what it
    was given: all the parameters, or those of one layer?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model[0].parameters(), lr=eta)


@instead_of("init_model")
def biases_not_optimized(nx, nh, ny, eta):
    """Your weights move and your biases do not: the optimizer was given the matrices only. A bias is a parameter like
    any other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD([layer.weight for layer in (model[0], model[-1])], lr=eta)


@instead_of("init_model")
def slow_biases(nx, nh, ny, eta):
    """Your biases move ten times more slowly than your weights: they have a learning rate of their own. One rate, eta,
    is for all."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    weights, biases = [model[0].weight, model[-1].weight], [model[0].bias, model[-1].bias]
    return (
        model,
        nn.CrossEntropyLoss(),
        torch.optim.SGD([{"params": weights}, {"params": biases, "lr": eta / 10}], lr=eta),
    )


@instead_of("init_model")
def optimizer_of_another_model(nx, nh, ny, eta):
    """Your model never moves: the optimizer holds the parameters of another one. A copy, or the model before it was
    made anew, has parameters of its own. Which model do you return?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    other = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(other.parameters(), lr=eta)


@instead_of("init_model")
def loss_and_optimizer_swapped(nx, nh, ny, eta):
    """You return the three in another order: first the model, then the loss, then the optimizer."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, torch.optim.SGD(model.parameters(), lr=eta), nn.CrossEntropyLoss()


@instead_of("init_model")
def optimizer_not_returned(nx, nh, ny, eta):
    """You return two values. Three are asked for: besides the model and the loss the optimizer, which `train` will
    need."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss()


@instead_of("train")
def gradients_never_zeroed(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients that
    are there, and nobody clears them. A method that is named without parentheses is not called, either."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
            optim.step()
    return model


@instead_of("train")
def gradients_zeroed_once_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The first step of each epoch is right, and the later ones repeat those before them: the gradients are cleared
    once an epoch. They are to be cleared for each batch: look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        optim.zero_grad()
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
            optim.step()
    return model


@instead_of("train")
def optimizer_never_steps(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model stays as it was drawn. Gradients alone move nothing: somebody has to take the step. The same is seen
    when the gradients are cleared between `backward` and the step."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
    return model


@instead_of("train")
def step_before_backward(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are one batch late: the optimizer moves before the gradients of this batch are known, by those of the
    batch before. Which has to come first?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.step()
            optim.zero_grad()
            L.backward()
    return model


@instead_of("train")
def two_steps_on_one_gradient(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are twice as long as they should be: the optimizer steps twice for each batch. One gradient, one
    step."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
            optim.step()
    return model


@instead_of("train")
def optimizer_made_anew_with_another_rate(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are a tenth of what they should be: inside the loop a new optimizer is made, with a learning rate of
    its own. `init_model` returns one already."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        optim = torch.optim.SGD(model.parameters(), lr=eta / 10)
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def learning_rate_that_decays(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps become shorter from epoch to epoch: a scheduler lowers the learning rate. Here it stays eta to the
    end."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optim, gamma=0.95)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
        scheduler.step()
    return model


@instead_of("train")
def learning_rate_that_decays_with_every_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps become shorter from batch to batch: a scheduler lowers the learning rate. Here it stays eta to the
    end."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optim, gamma=0.95)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
            scheduler.step()
    return model


@instead_of("train")
def gradients_clipped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """No step of yours is longer than a bound: the gradients are clipped before it. That is for networks whose
    gradients explode; plain descent takes them as they are."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.1)
            optim.step()
    return model


@instead_of("train")
def penalty_on_the_weights(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You descend the loss and, besides, the sum of the squared parameters: all are pulled towards 0. Nothing is said
    of such a penalty here."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L = L + 0.01 * sum((p**2).sum() for p in model.parameters())
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def softmax_before_the_loss(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your network learns slowly and never becomes certain: you apply a softmax and hand the probabilities to a
    cross-entropy that applies one itself. What does `loss` take?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(torch.softmax(model(X[batch]), dim=1), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def targets_and_scores_swapped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You give the targets to the loss as its scores, and the scores as its targets. The order of its two arguments
    matters: prediction first."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(Y[batch], model(X[batch]))
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def labels_over_the_wrong_axis(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch says that the sizes of scores and targets do not agree: your labels come from an argmax over the
    examples, one a class. Which axis of (batch, ny) holds the classes?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch].argmax(dim=0))
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def loss_as_a_plain_number(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Python says that a float has no `backward`: `.item()` takes the loss out of the graph. Take the number only where
    you print it."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch]).item()
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def way_forward_not_recorded(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """`backward` says that nothing requires a gradient: the scores are computed while the recording is switched off, or
    detached afterwards. That is for evaluation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            with torch.no_grad():
                scores = model(X[batch])
            L = loss(scores, Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def running_total_differentiated(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch refuses your second `backward`: it is called on the sum of the losses so far, whose graph leads back
    through batches that are done with. Add up numbers for your statistics, and derive the loss of one batch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    total = 0
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            total = total + loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            total.backward()
            optim.step()
    return model


@instead_of("train")
def gradient_of_the_sum(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too long by exactly the size of the batch: you derive the sum of the losses of its examples.
    Derive the mean."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            (L * len(batch)).backward()
            optim.step()
    return model


@instead_of("train")
def loss_divided_by_the_batch_again(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too short by exactly the size of the batch: PyTorch's losses are means already, and yours is
    divided by the number of examples once more."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            (L / len(batch)).backward()
            optim.step()
    return model


@instead_of("train")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All your steps are right but the one on the last, shorter batch, which is too short: you divide its sum by
    `batch_size`, and it has fewer examples. A mean divides by how many there are."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            (L * len(batch) / batch_size).backward()
            optim.step()
    return model


@instead_of("train")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is no multiple of the batch size, those left over are never used: an integer division
    rounds down, and a loader drops the last batch if it is told to. That batch is shorter, and counts."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    data = torch.utils.data.TensorDataset(X, Y)
    loader = torch.utils.data.DataLoader(data, batch_size, shuffle=True, drop_last=True, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            L = loss(model(x), y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def last_batch_always_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The last batch of each epoch is missing, a full one too: your range ends one batch early. Write down, for ten
    examples in batches of five, where each batch starts."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - batch_size, batch_size):
            batch = order[start : start + batch_size]
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def only_the_first_batch_used(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Only the first batch of each epoch moves your parameters. Either the slice ends at the batch size, so that all
    later batches are empty (their loss is not a number, their gradient 0), or an epoch of yours is one step. Print the
    size of each batch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            batch = order[start:batch_size]
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def batches_that_overlap(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches have an example too many, the first of the next one: the end of a slice is not part of it, and needs
    no 1 added."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size + 1]
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch shows the same batches in the same order: you shuffle once, before the first. A new order each epoch
    lets the errors of single batches average out."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch, and the generator is of no consequence. In data
    sorted by class, every batch would pull towards one class. A loader shuffles only if it is told to."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    data = torch.utils.data.TensorDataset(X, Y)
    loader = torch.utils.data.DataLoader(data, batch_size, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            L = loss(model(x), y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def batches_shuffled_examples_not(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches come in a random order, but each always holds the same examples, neighbours in the file. In data
    sorted by class, every batch pulls towards one class. Shuffle before you cut."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        batches = torch.arange(len(X)).split(batch_size)
        for i in torch.randperm(len(batches), generator=generator):
            batch = batches[i]
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def inputs_shuffled_without_their_targets(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model learns nothing but the frequency of the classes: the inputs are put in a new order and the targets are
    not, so that they no longer belong together. One order serves both."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            L = loss(model(x), y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def data_shuffled_in_place(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """After your training the caller's X and Y are in another order: you wrote the shuffled rows back into them. Make a
    new tensor, or an order to read them by."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        X[:], Y[:] = X[order], Y[order]
        for x, y in zip(X.split(batch_size), Y.split(batch_size), strict=True):
            L = loss(model(x), y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def batches_drawn_with_replacement(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """In one epoch, some examples are seen twice and others not at all: you draw each index anew. An epoch shows every
    example exactly once: draw an order, not indices."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: it does not move with the loop. The other examples are not seen in that
    epoch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for _ in range(0, len(X), batch_size):
            batch = order[:batch_size]
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every step of yours uses all the examples, so that `batch_size` only sets how many steps there are. In mini-batch
    descent a step sees one batch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You cut the examples into `batch_size` batches. It is the number of examples in one."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def batch_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches have ten examples, whatever `batch_size` says. A number that stands in the signature should not
    stand in the body."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(10):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def one_step_an_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move once an epoch, by the sum of the gradients of all its batches. A step belongs to each batch:
    look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        optim.zero_grad()
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
        optim.step()
    return model


@instead_of("train")
def only_the_last_batch_derived(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch of yours ends in one step, from its last batch alone: `backward` and the step stand after the loop
    over the batches. Look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
        optim.zero_grad()
        L.backward()
        optim.step()
    return model


@instead_of("train")
def new_model_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """What an epoch has learned is thrown away by the next: the model is made inside the loop over the epochs, so that
    only the last one counts. Which lines belong before the loop?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def one_epoch_too_few(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training ends one epoch early; with `epochs=1` nothing happens at all. How many numbers are there in
    `range(1, epochs)`?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(1, epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def one_epoch_too_many(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training runs one epoch too long: `epochs=0` should return the initial model, and yours has moved. How many
    numbers are there in `range(epochs + 1)`?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs + 1):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def generator_ignored(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples does not depend on `generator`: the same one gives another order each time. Whatever
    draws the order has to be told which generator to draw from."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def same_shuffle_seed_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples is the same in every epoch, and whatever the generator: a seed is set before each
    shuffle. A generator goes on by itself; that is what makes the orders differ."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def own_generator_with_a_fixed_seed(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your orders of the examples are the same in each training, whatever generator it is given: it makes one of its
    own, with a fixed seed. Seeds are for whoever runs the experiment."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    generator = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `train`. Seeds are for whoever runs the experiment; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def weights_from_the_generator(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your initial weights depend on `generator`. Here it is for the order of the examples alone: layers draw their
    weights from the global random state, and that is for the caller to set."""
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained model has ten hidden neurons, whatever `nh` says: look at what `train` hands to `init_model`."""
    model, loss, optim = init_model(X.shape[1], 10, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always steps by 0.1 times the gradient, whatever `eta` says: look at what `train` hands to
    `init_model`."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], 0.1)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train")
def trained_model_not_returned(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your `train` returns None: a `return` is missing at the end."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()


@instead_of("train")
def loss_and_optimizer_returned_too(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return all three that `init_model` gave. The trained model alone is asked for."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model, loss, optim
