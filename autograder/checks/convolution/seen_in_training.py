"""What is seen when a student's loop runs again with a loader, a criterion or an optimizer that keeps what it gets."""

from __future__ import annotations

import torch

from autograder.checks.closeness import as_number
from autograder.checks.convolution.classifiers import linear_classifier
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.training_loops import Build, distance, draw_batches, rates_of, state_of
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.sandbox.host.student_module import Handle, StudentModule


def heard_in_an_evaluation(student: StudentModule, draw: Draw) -> Finding:
    """What is wrong in an evaluation of a single batch: what the model or the criterion gets, or what comes back."""
    (batch,) = draw_batches(draw, (4,))
    model, build = linear_classifier(student, draw)
    criterion = student.probe("loops.listening_cross_entropy")
    value = student.epoch([batch], model, criterion)
    loss = as_number("the loss", as_pair("epoch should return (loss, accuracy)", value)[0])
    heard = student.probe("loops.heard", model, criterion)
    start = "With a single batch it is wrong, too: "
    got = heard.get("images")
    if got is not None and not (got.shape == batch[0].shape and torch.allclose(got, batch[0], atol=1e-6)):
        pixels = float(got.flatten()[0]), float(batch[0].flatten()[0])
        mistake = "the model gets other images than those of the loader"
        where = f"The first pixel is {pixels[0]:.4g}, but should be {pixels[1]:.4g}"
        return Finding(f"{start}{mistake}. {where}", mistake)
    if "loss" not in heard:
        mistake = "the criterion that was given is never called"
        return Finding(start + mistake, mistake)
    if not torch.equal(heard["labels"], batch[1]):
        mistake = "the criterion gets other labels than those of the loader"
        return Finding(start + mistake, mistake)
    scores = build()(batch[0].double()).detach()
    if heard["scores"].shape != scores.shape or not torch.allclose(heard["scores"].double(), scores, atol=1e-4):
        return Finding(f"{start}the criterion gets something else than the scores of the model")
    if abs(loss - float(heard["loss"])) > 1e-5:
        return Finding(
            f"{start}the criterion returns {float(heard['loss']):.4g}, but epoch returns {loss:.4g}. What happens to the "
            "loss of a batch in between?"
        )
    return Finding()


def steps_seen(student: StudentModule, optimizer: Handle, batches: int) -> Finding:
    """What the optimizer saw of its steps, if their number is wrong or gradients were missing."""
    steps, moving = student.probe("loops.steps_taken", optimizer)
    if steps != batches:
        return Finding(f"the optimizer has taken {steps} steps for {batches} batches")
    if moving < steps:
        return Finding(
            f"the optimizer has taken {steps} steps, but at {steps - moving} of them there were no gradients: does a step "
            "come before backward?"
        )
    return Finding()


def expect_moved(student: StudentModule, model: Handle, optimizer: Handle, build: Build) -> None:
    """Fails if the weights did not change; the optimizer knows why."""
    if distance(state_of(student, model), build()) > 0:
        return
    steps, moving = student.probe("loops.steps_taken", optimizer)
    same = "after an epoch the weights are still the initial ones"
    if steps == 0:
        mistake = "the optimizer that was given took no step"
        raise CheckFailed(f"{same}: {mistake}", mistake=mistake)
    if moving == 0:
        raise CheckFailed(
            f"{same}: the optimizer took {steps} steps, but there were no gradients at any of them, or they were 0. Look at "
            "what happens between backward and step"
        )


def rates_seen(student: StudentModule, draw: Draw, eta: float, gamma: float, epochs: int) -> Finding:
    """The learning rates of the epochs, read from the weights that fit leaves after each; nothing if it does not descend."""
    (batch,) = draw_batches(draw, (5,))
    model, build = linear_classifier(student, draw)
    loader = student.probe("loops.watched", [batch], model)
    student.fit(model, loader, epochs, eta=eta, gamma=gamma)
    buffers = {
        name: value for name, value in build().state_dict().items() if name not in dict(build().named_parameters())
    }
    states = [buffers | state for state in [*student.probe("loops.states", loader), state_of(student, model)]]
    rates = rates_of(states, build, batch)
    right = [eta * gamma**epoch for epoch in range(epochs)]
    if not rates or (len(rates) == epochs and all(abs(a - b) <= 1e-3 * b for a, b in zip(rates, right))):
        return Finding()
    found, expected = (", ".join(f"{rate:.3g}" for rate in some) for some in (rates, right))
    return established(f"the learning rates of the epochs were {found}", f", but should be {expected}")
