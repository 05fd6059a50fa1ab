"""Known mistakes of `mlp_optim`.

Each takes the place of one function of the reference solution and may use the other. Students read its title, which is
its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, init_model and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("init_model")
def softmax_layer_in_the_model(nx, nh, ny, eta):
    """Your model returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the softmax
    itself, so here it is applied twice, and the gradients become small. Where should the network end?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Softmax(dim=1))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def log_softmax_layer_in_the_model(nx, nh, ny, eta):
    """Your model returns logarithms of probabilities. It learns the same, since a second log-softmax changes nothing,
    but it should return scores: everything after the scores is part of the loss."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.LogSoftmax(dim=1))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def relu_instead_of_tanh(nx, nh, ny, eta):
    """Your hidden layer goes through a ReLU. That also learns, but this network should use the hyperbolic tangent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.ReLU(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def sigmoid_instead_of_tanh(nx, nh, ny, eta):
    """Your hidden layer goes through a sigmoid, whose values lie in (0, 1). The network should use the hyperbolic
    tangent, which lies in (-1, 1): it is centred on zero and learns faster."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Sigmoid(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="no activation between the layers")
def no_activation(nx, nh, ny, eta):
    """Your scores are an affine function of the input: without an activation between them, two linear layers can do no
    more than one, and a straight line cannot separate the circles. What belongs between the layers?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def tanh_on_the_scores(nx, nh, ny, eta):
    """Your scores all lie between -1 and 1: you apply a tanh to the last layer too. Then no class can ever be much more
    probable than another. Which of the two layers should have the activation?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny), nn.Tanh())
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def hidden_layer_without_bias(nx, nh, ny, eta):
    """nh parameters are missing: your first layer has no bias, so every hidden neuron is 0 at the origin. Both layers
    should have one."""
    model = nn.Sequential(nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def output_layer_without_bias(nx, nh, ny, eta):
    """ny parameters are missing: your second layer has no bias, so the scores cannot favour a class regardless of the
    input. Both layers should have one."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny, bias=False))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="no biases in the model")
def layers_without_biases(nx, nh, ny, eta):
    """nh + ny parameters are missing: neither of your layers has a bias, so at the origin all scores are 0. Both layers
    should have one."""
    model = nn.Sequential(nn.Linear(nx, nh, bias=False), nn.Tanh(), nn.Linear(nh, ny, bias=False))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def one_hidden_layer_too_many(nx, nh, ny, eta):
    """Your model has a third linear layer, nh to nh. There should be two: from the inputs to the hidden neurons, and
    from those to the scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def hidden_size_ignored(nx, nh, ny, eta):
    """Your model always has ten hidden neurons, whatever `nh` says. A value that is passed in as an argument should not
    be fixed in the body."""
    model = nn.Sequential(nn.Linear(nx, 10), nn.Tanh(), nn.Linear(10, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="input and output sizes of the layers swapped")
def layer_sizes_in_the_order_of_weights(nx, nh, ny, eta):
    """PyTorch refuses your inputs: each layer takes as many numbers as it should return. A weight has the shape (out,
    in), but a linear layer is made with the number of inputs first."""
    model = nn.Sequential(nn.Linear(nh, nx), nn.Tanh(), nn.Linear(ny, nh))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def dropout_in_the_model(nx, nh, ny, eta):
    """Two calls of your model on the same inputs differ: there is a dropout layer in it. Dropout is useful in large
    networks; this model is just two linear layers and a tanh."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Dropout(0.5), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="weights initialized to zero")
def all_weights_start_at_zero(nx, nh, ny, eta):
    """All your parameters start at 0. Then all hidden neurons compute the same value, no gradient gets past the second
    layer, and the network never learns more than how frequent each class is. Weights have to start out different from
    each other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def model_in_double_precision(nx, nh, ny, eta):
    """Your parameters are float64. The data is float32, and PyTorch does not multiply matrices of different dtypes.
    Which dtype does a layer have by default?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny)).double()
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model")
def seed_set_in_init_model(nx, nh, ny, eta):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `init_model`. The caller should choose the seed; a function that sets one takes that choice away."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="loss summed over the batch")
def loss_that_sums(nx, nh, ny, eta):
    """Your loss is too large by exactly the size of the batch: it sums over the examples where it should take their
    mean, and the steps grow with the batch."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(reduction="sum"), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="loss not averaged over the batch")
def loss_of_each_example(nx, nh, ny, eta):
    """Your loss has one number for each example, but `backward` needs a single number to start from. You switched the
    mean over the batch off."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(reduction="none"), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="label smoothing in the loss")
def smoothed_targets(nx, nh, ny, eta):
    """Your loss never comes near 0: it smooths the targets, so even a prediction that is right and certain has a cost.
    That is a form of regularization, which is not part of this exercise."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(label_smoothing=0.1), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="mean squared error instead of cross-entropy")
def mean_squared_error(nx, nh, ny, eta):
    """Your loss is the mean squared error. That loss is for predicting quantities. For classes, use the cross-entropy:
    its gradient stays large where a prediction is confidently wrong."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="binary cross-entropy instead of cross-entropy")
def binary_cross_entropy_of_each_class(nx, nh, ny, eta):
    """Your loss treats each class on its own, with a sigmoid: is it there or not? That is for classes that do not
    exclude each other. Here exactly one class is right, and the classes share the probability through a softmax."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="NLLLoss applied to raw scores")
def likelihood_of_raw_scores(nx, nh, ny, eta):
    """Your loss is minus the mean score of the correct class, which can be negative and has no lower bound: PyTorch's
    NLLLoss expects logarithms of probabilities, and the model returns scores."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return (
        model,
        lambda scores, targets: nn.functional.nll_loss(scores, targets.argmax(dim=1)),
        torch.optim.SGD(model.parameters(), lr=eta),
    )


@instead_of("init_model", title="class of the loss returned instead of an instance")
def loss_class_returned_instead_of_an_instance(nx, nh, ny, eta):
    """PyTorch complains about the truth value of a tensor, or about too many arguments: you return the class of the
    loss instead of an instance. Calling it does not compute a loss but makes a new object, with your scores as its
    settings. How do you make an object of a class?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss, torch.optim.SGD(model.parameters(), lr=eta)


@instead_of("init_model", title="momentum in the optimizer")
def momentum_added(nx, nh, ny, eta):
    """Your first step is right, and the later ones go too far: with momentum each step also includes part of the
    earlier steps. Plain gradient descent uses only the gradient of the current batch."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)


@instead_of("init_model", title="Nesterov momentum in the optimizer")
def nesterov_momentum_added(nx, nh, ny, eta):
    """Your steps are too long from the first one on, by a factor of nearly 2: Nesterov momentum adds a look ahead to
    each step. Plain gradient descent uses only the gradient of the current batch."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9, nesterov=True)


@instead_of("init_model", title="weight decay in the optimizer")
def weight_decay_added(nx, nh, ny, eta):
    """Each of your steps also pulls all parameters towards 0: that is weight decay. It can help against overfitting,
    but it is not plain gradient descent on the cross-entropy."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, weight_decay=1e-2)


@instead_of("init_model")
def adam_instead_of_sgd(nx, nh, ny, eta):
    """Your first step has the same length, eta, in every parameter, however steep the loss: that is Adam, which divides
    by the size of the gradients. It works with much smaller learning rates. The exercise asks for plain gradient
    descent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=eta)


@instead_of("init_model")
def rmsprop_instead_of_sgd(nx, nh, ny, eta):
    """Your steps do not get shorter as the slope flattens: RMSprop divides each gradient by a running root mean square.
    The exercise asks for plain gradient descent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.RMSprop(model.parameters(), lr=eta)


@instead_of("init_model")
def adagrad_instead_of_sgd(nx, nh, ny, eta):
    """Your steps become shorter as training goes on, whatever the slope: Adagrad divides by the root of all squared
    gradients so far. The exercise asks for plain gradient descent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Adagrad(model.parameters(), lr=eta)


@instead_of("init_model")
def adamw_instead_of_sgd(nx, nh, ny, eta):
    """Your first step has nearly the same length, eta, in every parameter, and also pulls it towards 0: that is Adam
    with weight decay. The exercise asks for plain gradient descent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.AdamW(model.parameters(), lr=eta)


@instead_of("init_model")
def rprop_instead_of_sgd(nx, nh, ny, eta):
    """Only the sign of each gradient matters for your steps, not its size: that is Rprop, made for gradients of the
    whole data set. The exercise asks for plain gradient descent."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.Rprop(model.parameters(), lr=eta)


@instead_of("init_model")
def learning_rate_ignored(nx, nh, ny, eta):
    """Your steps are always 0.1 times the gradient, whatever `eta` says. A value that is passed in as an argument
    should not be fixed in the body."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.1)


@instead_of("init_model", title="learning rate left at the optimizer's default")
def default_learning_rate(nx, nh, ny, eta):
    """Your network hardly changes: the optimizer does not get your learning rate and uses its default, 0.001. Where
    does `eta` come in?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters())


@instead_of("init_model")
def optimizer_maximizes_the_loss(nx, nh, ny, eta):
    """Your loss grows: the optimizer is set to maximize. Should training raise the loss or lower it?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, maximize=True)


@instead_of("init_model", title="optimizer gets only the last layer")
def only_the_last_layer_optimized(nx, nh, ny, eta):
    """Only the last layer of your model changes; the hidden layer keeps its initial weights. The optimizer updates what
    you pass to it: all the parameters, or those of one layer?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model[-1].parameters(), lr=eta)


@instead_of("init_model", title="optimizer gets only the hidden layer")
def only_the_hidden_layer_optimized(nx, nh, ny, eta):
    """Only the hidden layer of your model changes; the output layer keeps its initial weights. The optimizer updates
    what you pass to it: all the parameters, or those of one layer?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model[0].parameters(), lr=eta)


@instead_of("init_model", title="optimizer does not get the biases")
def biases_not_optimized(nx, nh, ny, eta):
    """Your weights change but your biases do not: you pass only the weight matrices to the optimizer. A bias is a
    parameter like any other."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD([layer.weight for layer in (model[0], model[-1])], lr=eta)


@instead_of("init_model")
def smaller_learning_rate_for_the_biases(nx, nh, ny, eta):
    """Your biases change ten times more slowly than your weights: they have a different learning rate. Use one rate,
    eta, for all parameters."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    weights, biases = [model[0].weight, model[-1].weight], [model[0].bias, model[-1].bias]
    return (
        model,
        nn.CrossEntropyLoss(),
        torch.optim.SGD([{"params": weights}, {"params": biases, "lr": eta / 10}], lr=eta),
    )


@instead_of("init_model", title="optimizer holds the parameters of another model")
def optimizer_of_another_model(nx, nh, ny, eta):
    """Your model never changes: the optimizer holds the parameters of another model. A copy has its own parameters, and
    so does a model that you make a second time. Which model do you return?"""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    other = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(other.parameters(), lr=eta)


@instead_of("init_model", title="return values in the wrong order")
def loss_and_optimizer_swapped(nx, nh, ny, eta):
    """You return the three values in the wrong order: first the model, then the loss, then the optimizer."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, torch.optim.SGD(model.parameters(), lr=eta), nn.CrossEntropyLoss()


@instead_of("init_model")
def optimizer_not_returned(nx, nh, ny, eta):
    """You return two values, but there should be three: besides the model and the loss also the optimizer, which
    `train` needs."""
    model = nn.Sequential(nn.Linear(nx, nh), nn.Tanh(), nn.Linear(nh, ny))
    return model, nn.CrossEntropyLoss()


@instead_of("train")
def gradients_never_zeroed(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your first step is right, and each later one repeats all those before it: `backward` adds to the gradients that
    are there, and they are never cleared. Note that a method named without parentheses is not called."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
            optim.step()
    return model


@instead_of("train", title="gradients zeroed only once per epoch")
def gradients_zeroed_once_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The first step of each epoch is right, and the later ones repeat those before them: you clear the gradients only
    once per epoch. Clear them for each batch: look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        optim.zero_grad()
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
            optim.step()
    return model


@instead_of("train", title="no step of the optimizer reaches the weights")
def optimizer_never_steps(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model keeps its initial weights. Computing gradients does not change anything: the optimizer has to take a
    step."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
    return model


@instead_of("train", title="gradients cleared between backward and the step")
def gradients_cleared_before_the_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model keeps its initial weights, although every method is called: the gradients are cleared before the step
    can use them. Where in the loop may they be thrown away?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
            optim.zero_grad()
            optim.step()
    return model


@instead_of("train")
def step_before_backward(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are one batch late: the optimizer steps before the gradients of this batch are computed, and uses
    those of the batch before. Which has to come first?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.step()
            optim.zero_grad()
            L.backward()
    return model


@instead_of("train", title="two steps per batch")
def two_steps_on_one_gradient(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are twice as long as they should be: the optimizer steps twice for each batch. Take one step per
    gradient."""
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
def second_optimizer_with_another_learning_rate(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are a tenth of what they should be: inside the loop you make a new optimizer with a different learning
    rate. `init_model` already returns one."""
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


@instead_of("train", title="learning rate decays from epoch to epoch")
def learning_rate_lowered_each_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps become shorter from epoch to epoch: a scheduler lowers the learning rate. Here it should stay at eta
    until the end."""
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


@instead_of("train", title="learning rate decays from batch to batch")
def learning_rate_lowered_each_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps become shorter from batch to batch: a scheduler lowers the learning rate. Here it should stay at eta
    until the end."""
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
    """None of your steps is longer than a certain bound: you clip the gradients first. That is for networks whose
    gradients explode; plain gradient descent uses them as they are."""
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


@instead_of("train", title="penalty on the parameters in the loss")
def penalty_on_the_weights(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You minimize the loss plus the sum of the squared parameters, which pulls all of them towards 0. The exercise
    does not have such a penalty."""
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
    """Your network learns slowly and never becomes certain: you apply a softmax and pass the probabilities to a
    cross-entropy that applies one itself. What does `loss` expect?"""
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
    """You pass the targets to the loss as its scores, and the scores as its targets. The order of its two arguments
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


@instead_of("train", title="labels computed over the wrong axis")
def labels_over_the_wrong_axis(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch says that the sizes of scores and targets do not match: your labels come from an argmax over the
    examples, which gives one for each class. Which axis of (batch, ny) holds the classes?"""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch].argmax(dim=0))
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="loss turned into a Python number")
def loss_as_a_plain_number(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Python says that a float has no `backward`: `.item()` takes the loss out of the graph. Convert it to a number
    only where you print it."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch]).item()
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="forward pass not recorded by autograd")
def forward_pass_not_recorded(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """`backward` says that nothing requires a gradient: the scores are computed while recording is switched off, or
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


@instead_of("train", title="running total of the loss differentiated")
def running_total_differentiated(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """PyTorch refuses your second `backward`: you call it on the sum of the losses so far, whose graph leads back
    through batches that are finished. Add up plain numbers for your statistics, and differentiate the loss of one
    batch."""
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


@instead_of("train", title="gradient of the summed loss")
def gradient_of_the_sum(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your steps are too long by exactly the size of the batch: you differentiate the sum of the losses of its examples
    instead of their mean."""
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
    """Your steps are too short by exactly the size of the batch: PyTorch's losses are means already, and you divide by
    the number of examples once more."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            (L / len(batch)).backward()
            optim.step()
    return model


@instead_of("train", title="short batch divided by the full batch size")
def short_batch_divided_by_the_full_size(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All your steps are right except the one on the last, shorter batch, which is too short: you divide its sum by
    `batch_size`, but it has fewer examples. A mean divides by how many there are."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            (L * len(batch) / batch_size).backward()
            optim.step()
    return model


@instead_of("train", title="last, shorter batch dropped")
def last_short_batch_dropped(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """When the number of examples is not a multiple of the batch size, the remaining ones are never used: an integer
    division rounds down, and a data loader drops the last batch if it is set to. That batch is shorter, but it counts
    too."""
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
    """The last batch of each epoch is missing, even a full one: your range ends one batch early. Write down, for ten
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
    """Only the first batch of each epoch moves your parameters. Either your slice always ends at the batch size, so all
    later batches are empty (their loss is NaN, their gradient 0), or each of your epochs takes only one step. Print the
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


@instead_of("train", title="batches overlap by one example")
def batches_that_overlap(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches have one example too many, the first of the next batch: the end of a slice is excluded. Where should
    each slice end?"""
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


@instead_of("train", title="shuffled only once")
def shuffled_once_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Every epoch uses the same batches in the same order: you shuffle only once, before the first epoch. With a new
    order in each epoch, the errors of single batches average out."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    order = torch.randperm(len(X), generator=generator)
    for _ in range(epochs):
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="examples never shuffled")
def never_shuffled(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """The examples come in the order of the file, in every epoch, and the generator has no effect. If the data were
    sorted by class, every batch would pull towards one class. A data loader shuffles only if you ask it to."""
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


@instead_of("train", title="batches shuffled instead of examples")
def batches_shuffled_examples_not(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches come in a random order, but each always holds the same examples, neighbours in the file. If the data
    are sorted by class, every batch pulls towards one class. Shuffle the examples before you split them into
    batches."""
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
    """Your model learns nothing but the frequency of the classes: the inputs are put into a new order and the targets
    are not, so they no longer belong together. Use one order for both."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for x, y in zip(X[order].split(batch_size), Y.split(batch_size), strict=True):
            L = loss(model(x), y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="caller's data shuffled in place")
def data_shuffled_in_place(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """After your training the caller's X and Y are in another order: you write the shuffled rows back into them. Make a
    new tensor, or index the data with the shuffled order."""
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
    """In one epoch, some examples are seen twice and others not at all: you draw each index independently. An epoch
    should use every example exactly once: draw an order, not single indices."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randint(len(X), (len(X),), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="first batch used in every step")
def always_the_first_batch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """All steps of an epoch use the same batch: it does not change within the loop. The other examples are never used
    in that epoch."""
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


@instead_of("train", title="whole data set used in every step")
def whole_set_in_every_step(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your steps uses all the examples, so `batch_size` only sets how many steps there are. In mini-batch
    gradient descent a step uses one batch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="batch size used as the number of batches")
def batch_size_as_the_number_of_batches(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You split the examples into `batch_size` batches, but `batch_size` is the number of examples in one batch."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.chunk(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="batch size ignored")
def batch_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your batches always have ten examples, whatever `batch_size` says. A value that is passed in as an argument
    should not be fixed in the body."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(10):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="only one step per epoch")
def one_step_per_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your parameters move only once per epoch, along the sum of the gradients of all its batches. There should be one
    step for each batch: look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        optim.zero_grad()
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            L.backward()
        optim.step()
    return model


@instead_of("train", title="step from the last batch of each epoch only")
def step_from_the_last_batch_only(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each of your epochs takes one step, from its last batch alone: `backward` and the step come after the loop over
    the batches. Look at the indentation."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
        optim.zero_grad()
        L.backward()
        optim.step()
    return model


@instead_of("train", title="new model in every epoch")
def new_model_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Each epoch throws away what the one before has learned: the model is made inside the loop over the epochs, so
    only the last epoch counts. Which lines belong before the loop?"""
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
    """Your training runs one epoch too long: `epochs=0` should return the initial model, and yours has changed. How
    many numbers are there in `range(epochs + 1)`?"""
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
    """Your order of the examples does not depend on `generator`: the same generator gives a different order each time.
    The call that draws the order needs the generator."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="same shuffling seed in every epoch")
def same_shuffle_seed_every_epoch(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your order of the examples is the same in every epoch, and whatever the generator: a seed is set before each
    shuffle. A generator moves on by itself with each draw; that is what makes the orders differ."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="new generator with a fixed seed")
def own_generator_with_a_fixed_seed(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your orders of the examples are the same in each training, whatever generator it is given: you make your own
    generator with a fixed seed. The caller should choose the seed."""
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


@instead_of("train", title="seed set inside the training")
def seed_set_inside(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your model starts from the same weights each time, whatever the caller's random state: a seed is set inside
    `train`. The caller should choose the seed; a function that sets one takes that choice away."""
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


@instead_of("train", title="initial weights drawn with the generator")
def weights_from_the_generator(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your initial weights depend on `generator`. Here it is only for the order of the examples: layers draw their
    weights from the global random state, which the caller can seed."""
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


@instead_of("train", title="hidden size not passed to init_model")
def hidden_size_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your trained model always has ten hidden neurons, whatever `nh` says: look at what `train` passes to
    `init_model`."""
    model, loss, optim = init_model(X.shape[1], 10, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model


@instead_of("train", title="learning rate not passed to init_model")
def learning_rate_not_passed_on(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """Your training always uses the learning rate 0.1, whatever `eta` says: look at what `train` passes to
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


@instead_of("train", title="loss and optimizer returned besides the model")
def loss_and_optimizer_returned_too(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    """You return everything that `init_model` gave you. Return only the trained model."""
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        for batch in order.split(batch_size):
            L = loss(model(X[batch]), Y[batch])
            optim.zero_grad()
            L.backward()
            optim.step()
    return model, loss, optim
