"""A convolutional network: its size, its layers' outputs, gradients, dropout, batch norm, and whether it learns."""

import torch

from autograder.checks.closeness import expect_close
from autograder.checks.convolution.convnet import SCORES, Net
from autograder.checks.convolution.convnet_counts import WITH_BATCH_NORM, why_count
from autograder.checks.convolution.convnet_dropout import expect_dropout, into_fc5
from autograder.checks.convolution.convnet_explanations import close
from autograder.checks.convolution.convnet_reference import FAN_IN, LAYERS, MOMENTUM, in_roles, outputs
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.wording import named
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.data.jitter import jitter_images
from autograder.sandbox.host.errors import Raised

EXERCISE = ExerciseSpec(public=("ConvNet",))
CONVOLUTIONS = ("conv1", "conv2", "conv3")
POOLS = ("pool1", "pool2", "pool3")
TESTED = 500
ETA = 0.05
PART = 10_000  # images that fit into a message


def _images(draw, batch=2, size=32, dtype=torch.float32):
    return draw.normal(batch, 3, size, size, dtype=dtype)


@check(points=0.5, apart_from_values=True)
def test_parameters(student, draw):
    """ConvNet() has 1,191,170 parameters, and 1,191,490 with batch_norm=True (1,191,330 without convolution biases)"""
    for options, wanted in (
        ({}, (1_191_170,)),
        ({"dropout": 0.3}, (1_191_170,)),
        ({"batch_norm": True}, WITH_BATCH_NORM),
    ):
        net = Net(student, **options)
        trainable = [number for number in net.numbers if number.trainable]
        count = sum(number.size for number in trainable)
        if count not in wanted:
            asked = " or ".join(f"{number:,}" for number in wanted)
            why = why_count(net, draw, count, wanted)
            raise CheckFailed(
                f"{net.name} should have {asked} trainable parameters, but has {count:,}{why.words}",
                mistake=why.mistake,
            )
        for number in net.numbers:
            if number.dtype != "torch.float32":
                raise CheckFailed(f"{number.name} of {net.name} should be float32, but is {number.dtype}")


@check(points=1, needs=[test_parameters])
def test_feature_maps(student, draw):
    """for 32×32 images, conv1, pool1, conv2, pool2, conv3 and pool3 give the right feature maps, in this order"""
    net, images = Net(student).randomise(draw), _images(draw)
    study = net.study(net.run(images))
    if study.problems:
        net.expect_orderly(images)
    study.expect(*LAYERS[:6])


@check(points=1, needs=[test_parameters, test_feature_maps])
def test_scores(student, draw):
    """fc4, a ReLU and fc5 come last, and fc5's output is returned: scores, in float32 and float64"""
    net, images = Net(student).randomise(draw), _images(draw, 3)
    study = net.study(net.run(images))
    if study.problems:
        net.expect_orderly(images)
    study.expect("fc4", "fc5", SCORES)
    net.study(net.run(_images(draw, 1)), study.roles).expect("fc4", "fc5", SCORES)
    net.expect_orderly(_images(draw))
    net.double()
    net.study(net.run(_images(draw, dtype=torch.float64)), study.roles).expect("fc4", "fc5", SCORES)


@check(points=0.5, needs=[test_feature_maps, test_scores])
def test_crops(student, draw):
    """crops of 28×28 pixels work too: pool3 turns 7×7 into 4×4, since its last windows may stick out"""
    net = Net(student).randomise(draw)
    roles = net.study(net.run(_images(draw))).roles
    try:
        run = net.run(_images(draw, 3, 28))
    except Raised as problem:
        raise CheckFailed(f"images of 32×32 pixels work, but those of 28×28 do not: {problem.message}") from None
    net.study(run, roles).expect(*POOLS, "fc4")


@check(points=0.5, needs=[test_parameters, test_feature_maps, test_scores])
def test_nothing_else_is_dropped(student, draw):
    """dropout happens only in training and only between fc4 and fc5; dropout=0 gives the same scores as evaluation"""
    p = 0.4
    plain, net = Net(student).randomise(draw), Net(student, dropout=p)
    if [number.shape for number in plain.numbers] != [number.shape for number in net.numbers]:
        raise CheckFailed(f"{net.name} should have the same parameters as ConvNet(), but has others")
    net.write(plain.values)
    images = _images(draw, 3)
    reference = plain.run(images)
    if not close(reference.scores, plain.run(images, True).scores, 1e-4):
        raise CheckFailed(
            "ConvNet() gives different scores in training and evaluation, although dropout is 0 and batch_norm False"
        )
    evaluated = [net.run(images) for _ in range(2)]
    if not close(evaluated[0].scores, evaluated[1].scores, 1e-4):
        mistake = f"{net.name} gives different scores each time in evaluation"
        raise CheckFailed(
            f"{mistake}: dropout is for training only. F.dropout needs training=self.training", mistake=mistake
        )
    if not close(reference.scores, evaluated[0].scores, 1e-4):
        raise CheckFailed(f"in evaluation {net.name} gives different scores than ConvNet() with the same parameters")
    trained = net.run(images, True)
    if evaluated[0].layers is None or trained.layers is None:
        return  # then another check sees it, in the input of fc5 in training
    for layer, before, after in zip(LAYERS[:7], evaluated[0].layers, trained.layers):
        if not close(before, after, 1e-4):
            differs = f"{layer} of {net.name} returns something else in training than in evaluation"
            mistake = f"{differs}, so there is dropout before it"
            raise CheckFailed(f"{mistake}: dropout belongs only between fc4 and fc5", mistake=mistake)


@check(points=0.5, needs=[test_parameters, test_feature_maps, test_scores, test_nothing_else_is_dropped])
def test_dropout(student, draw):
    """in training, each number between fc4 and fc5 is dropped with probability `dropout`, the others are scaled up"""
    for p, options in ((0.3, {}), (0.6, {"batch_norm": True})):
        net = Net(student, dropout=p, **options).randomise(draw)
        images = _images(draw, 6)
        study = net.study(net.run(images[:2]))
        fc5 = study.roles.get("fc5.weight")
        if fc5 is None:
            study.expect("fc5", SCORES)
        # If the gradients of the scores are the rows of the identity matrix, the gradient of fc5's weight is the input of
        # fc5, one row per image, whatever the layers are made of.
        run, again = (net.run(images, True, torch.eye(6, 10), [fc5.index]) for _ in range(2))
        into = [into_fc5(net, fc5, found) for found in (run, again)]
        if study.local and run.complete:
            hidden = torch.relu(run.layers[6]).double()
        else:
            study.expect(SCORES)
            hidden = torch.relu(net.expected(study.roles, run)[6])
        if bool((run.scores == 0).any()) and not bool((net.run(images).scores == 0).any()):
            mistake = f"some scores of {net.name} are 0 in training, but not in evaluation"
            raise CheckFailed(f"{mistake}: dropout belongs before fc5, not after it", mistake=mistake)
        expect_dropout(net, p, hidden, into)


@check(points=0.5, needs=[test_parameters, test_feature_maps, test_scores])
def test_batch_norm(student, draw):
    """batch norm follows each convolution, before the ReLU, and uses its running statistics in evaluation"""
    net = Net(student, batch_norm=True).randomise(draw)
    images = _images(draw, 3)
    study = net.study(net.run(images))
    study.expect(*POOLS)
    net.study(net.run(images[:1]), study.roles).expect(*POOLS)
    statistics, before = [number.index for number in net.numbers if not number.trainable], net.values
    net.read(statistics)
    if not all(torch.equal(before[index], net.values[index]) for index in statistics):
        mistake = f"a run of {net.name} in evaluation changes its running statistics"
        raise CheckFailed(mistake, mistake=mistake)


@check(points=0.5, needs=[test_batch_norm])
def test_batch_norm_in_training(student, draw):
    """in training, batch norm uses the batch's statistics, and moves the running ones a tenth of the way to them"""
    net = Net(student, batch_norm=True).randomise(draw)
    images = _images(draw, 4)
    study = net.study(net.run(images))
    run = net.run(images, True)
    if study.local:
        study.expect(*POOLS)
    else:
        study.expect(SCORES)
    net.study(run, study.roles).expect(*POOLS)
    old = net.canonical(study.roles)
    seen = run.layers if study.local and run.layers is not None else net.expected(study.roles, run)
    net.read([number.index for number in net.numbers if not number.trainable])
    new = net.canonical(study.roles)
    for conv, maps in zip(CONVOLUTIONS, seen[0:6:2]):
        # The values of an output with mean 0 and variance 1, whatever gamma and beta are.
        mean, var = maps.double().mean((0, 2, 3)), maps.double().var((0, 2, 3))
        for kind, words, batch in (("mean", "mean", mean), ("var", "variance", var)):
            before, after = old[f"{conv}.{kind}"], new[f"{conv}.{kind}"]
            expected = (1 - MOMENTUM) * before + MOMENTUM * batch
            if not close(expected, after, 1e-4):
                why = _why_moved(before, batch, after)
                start = f"the running {words} of {conv}"
                raise CheckFailed(
                    f"after a run in training {start} {why.words}",
                    mistake=f"{start} {why.mistake}" if why.mistake else "",
                )


def _why_moved(before, batch, after):
    if torch.equal(before, after):
        return established("does not change", ", but should move towards that of the batch")
    way = float(((after - before) / (batch - before)).median())
    if close(before + way * (batch - before), after, 1e-3):
        return established(
            f"has moved {way:.3g} of the way to that of the batch", f", but should move {MOMENTUM} of it"
        )
    return Finding(f"is not {1 - MOMENTUM} times the old one plus {MOMENTUM} times that of the batch")


@check(
    points=0.5,
    needs=[
        test_feature_maps,
        test_scores,
        test_crops,
        test_nothing_else_is_dropped,
        test_batch_norm,
        test_batch_norm_in_training,
    ],
)
def test_gradients(student, draw):
    """the gradients of the scores reach every parameter and are right, with and without batch norm"""
    for options in ({}, {"batch_norm": True}):
        net = Net(student, **options).double().randomise(draw)
        images, upstream = _images(draw, 3, 28, torch.float64), draw.normal(3, 10)
        # fc4's weight has most of the numbers, and is the same in both.
        wanted = [n.index for n in net.numbers if n.trainable and (n.size < 1_000_000 or not net.batch_norm)]
        study = net.study(net.run(images))
        _expect_gradients(net, study, net.run(images, True, upstream, wanted), upstream)


def _expect_gradients(net, study, run, upstream):
    used = {piece.index: role for role, piece in study.roles.items()}
    lost = [index for index, gradient in run.gradients.items() if gradient is None]
    if net.batch_norm:  # it subtracts the mean, and with it any bias of the convolution before it
        lost = [index for index in lost if used.get(index) not in {f"{conv}.bias" for conv in CONVOLUTIONS}]
    if lost:
        names = ", ".join(net.numbers[index].name for index in lost[:8])
        raise CheckFailed(
            f"no gradient reaches {names}, so training does not change {'it' if len(lost) == 1 else 'them'}: is "
            "a tensor detached on the way, or computed under no_grad?"
        )
    if net.batch_norm and (study.problems or net.study(run, study.roles).problems):
        return  # other checks test what it computes
    study.expect(*LAYERS, SCORES)
    leaves = [value.detach().clone().requires_grad_(number.trainable) for number, value in zip(net.numbers, net.values)]
    scores = outputs(in_roles(study.roles, leaves), run.images, training=True)[-1]
    scores.backward(upstream)
    for index, gradient in run.gradients.items():
        expected = leaves[index].grad
        if gradient is not None and expected is not None:
            what = f"the gradient of {net.numbers[index].name} of {net.name}, in training,"
            scale = 1 + expected.abs().max()
            expect_close(what, gradient / scale, expected / scale, rtol=1e-8)


@accuracy(
    points=0.5,
    fast=0.5,
    full=0.5,
    needs=[
        test_parameters,
        test_feature_maps,
        test_scores,
        test_batch_norm,
        test_batch_norm_in_training,
        test_gradients,
    ],
)
def test_accuracy(student, draw, cifar):
    """ConvNet(batch_norm=True), trained by the package's own loop, reaches a good test accuracy"""
    whole = len(cifar.train_x) > 10_000
    count, batch_size = (50_000, 20) if whole else (1_200, 10)
    with student.random_state(draw.seed()):
        net = Net(student, batch_norm=True)
    net.read()
    equal, large = _equal_weights(net), _large_weights(net)
    images, labels = cifar.train_x[:count], cifar.train_y[:count]
    parts = list(zip(images.split(PART), labels.split(PART)))
    for number, part in enumerate(parts):
        rates = [ETA * (1 - passed / len(parts)) for passed in (number, number + 1)]
        with named(f"{net.name}, in training,"):
            student.probe("execution.descend", net.model, *part, batch_size, rates, draw.seed())
    net.read()
    lost = [number.name for number, value in zip(net.numbers, net.values) if not bool(value.isfinite().all())]
    if lost:
        raise CheckFailed(f"after training, {lost[0]} of {net.name} has numbers that are infinite or NaN{large}")
    # In float64, as large weights make the rounding of float32 visible.
    study = net.double().study(net.run(images[:3].double()))
    study.expect(*LAYERS, SCORES)
    values = {role: value.float() for role, value in net.canonical(study.roles).items()}
    test_x, test_y = cifar.test_x[:TESTED], cifar.test_y[:TESTED]
    with torch.no_grad():
        scores = outputs(values, jitter_images(test_x, draw.rng))[-1]
    reached = float((scores.argmax(1) == test_y).double().mean())
    if equal and reached < test_accuracy.spec.threshold.fast:
        name, value = equal
        mistake = f"all numbers of {name} of a new {net.name} are {value:g}"
        raise CheckFailed(
            f"after training, {reached:.0%} of the test images are right, and {mistake}. Neurons that start equal can stay "
            "equal in training: start with random weights",
            mistake=mistake,
        )
    if large and reached < test_accuracy.spec.threshold.fast:
        raise CheckFailed(f"after training, {reached:.0%} of the test images are right{large}")
    return reached


def _large_weights(net):
    """What to say of the weight that starts largest, with ", and "; "" if none starts too large."""
    spreads = {
        number.name: (float(value.double().std()), (2 / FAN_IN[number.size]) ** 0.5)
        for number, value in zip(net.numbers, net.values)
        if number.trainable and number.size in FAN_IN
    }
    name = max(spreads, key=lambda name: spreads[name][0] / spreads[name][1], default="")
    if not name or spreads[name][0] < 4 * spreads[name][1]:
        return ""
    found, right = spreads[name]
    return (
        f", and {name} of a new {net.name} has a standard deviation of {found:.2g}: with as many inputs as this layer has, "
        f"about {right:.2g} keeps the scale of what it gets. Larger weights make the scores, and the steps of the training, "
        "grow from layer to layer"
    )


def _equal_weights(net):
    """The name and the value of the first weight whose numbers are all equal; None if there is none. A bias may be zero."""
    for number, value in zip(net.numbers, net.values):
        is_weight = number.trainable and sum(size > 1 for size in value.shape) > 1
        if is_weight and bool((value == value.flatten()[0]).all()):
            return number.name, float(value.flatten()[0])
    return None
