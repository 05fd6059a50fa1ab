# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Practical 2: Convolutional networks
#
# The network of practical 1 saw a list of numbers and knew nothing of rows, columns or neighbours. A convolutional
# network is built for images: it looks everywhere for the same small patterns, and combines small patterns into
# larger ones. In this practical you
#
# 1. do the **arithmetic** of such a network before you build it: sizes, weights, what a neuron sees;
# 2. **build and train** one for small colour images, and read its curves;
# 3. **improve** it: preprocessing, augmentation, learning-rate schedules, dropout, batch normalization.
#
# Three kinds of cells wait for you.
#
# - **Exercises** are code. Fill in what is marked `TODO`, run the cell, then the cell below it, which tells you
#   what is right and, where something is not, usually why.
# - **Questions with names to assign** are graded automatically. Write the value itself: a number, a tuple such as
#   `(3, 32, 32)`, or the letter of a choice in quotes, such as `"A"`.
# - **Questions in words** are read by a person. A few sentences are enough; a formula or a number often says more than
#   a paragraph. Questions with a ★ weigh double.
#
# All other cells are **experiments**. They use the functions that you write, so run the notebook from the top. Change
# them, copy them, play with their numbers: nothing in them is graded.
#
# What an exercise or a question is worth stands below it. A bonus counts on top of all others.

# %%
import time

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2
from tqdm.auto import tqdm

from autograder.data.cifar import load_cifar
from autograder.data.roots import data_roots
from autograder.notebooks import check, figures

# %% [markdown]
# # Part 1: The arithmetic of convolutional networks
#
# ## 1.1 Convolution
#
# A filter is a small block of weights, $k \times k$ pixels wide and as deep as its input. It is laid on the image,
# the numbers that meet are multiplied and summed, a bias is added, and that is one number of the output. Then the
# filter moves $s$ pixels (the **stride**) and does the same again. With $C$ input channels, input $x$, weights $w$
# and bias $b$:
#
# $$ y[i, j] = b + \sum_{c=1}^{C} \sum_{u=0}^{k-1} \sum_{v=0}^{k-1} w[c, u, v] \; x[c,\; s\,i + u,\; s\,j + v] . $$
#
# Before that, $p$ rows and columns of zeros may be put around the image on every side (the **padding**). Along one axis
# of $n$ pixels the first window starts at 0 and the last one must end inside the padded image, so that there are
#
# $$ n_{\text{out}} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 $$
#
# windows. Each filter gives one such map of numbers; $F$ filters give an output with $F$ channels. (Strictly speaking
# this is a cross-correlation, for the filter is not mirrored. The weights are learned, so nothing depends on it.)
#
# A fully-connected layer can do the same and much more: it has a weight for *every* pair of an input and an output
# number. What the convolution leaves out, and what it uses several times, is the whole difference.

# %% [markdown] question="q01" points=0.5 expected={"q01_output": [8, 5, 1], "q01_weights": 37, "q01_linear": 23080} tolerance=0
# ### Question 1, numbers
#
# An input is 16 pixels wide, 9 pixels high and has 4 channels. One filter with $k = 3$, $s =
# 2$, $p = 1$ and a bias goes over it.
#
# - `q01_output`: the size of the output as a tuple (width, height, channels);
# - `q01_weights`: how many parameters the filter has, its bias included;
# - `q01_linear`: how many parameters a fully-connected layer has that takes all the numbers of this input (not the
#   padding) and gives as many numbers as the filter does, biases included.

# %% [markdown] mark_scheme="q01"
# Width ⌊(16 + 2 − 3)/2⌋ + 1 = 8, height ⌊(9 + 2 − 3)/2⌋ + 1 = 5, one filter gives one channel: (8, 5, 1). Weights
# 3·3·4 + 1 = 37. Fully connected: 576 numbers in, 40 out, 576·40 + 40 = 23,080.
#
# Common wrong answers: (9, 5, 1), rounded up; a depth other than 1, from a formula such as (z − k)/s + 1 (a published
# report has one: there is no sliding along the depth); 10 weights, the depth left out, or 36, the bias left out;
# 23,040, the biases of the fully-connected layer left out.

# %% [markdown] question="q01w" points=0.5
# ### Question 1, in words
#
# Now in general: one filter $(k, s, p)$ on an input of $x \times y \times z$ numbers
# (width, height, channels). Give the size of the output, the number of weights, and the number of weights of the
# fully-connected layer with the same input and an output of the same size. Which of the three depend on the size of
# the image?

# %% [markdown] mark_scheme="q01w"
# **Model answer.** Output (⌊(x + 2p − k)/s⌋ + 1) × (⌊(y + 2p − k)/s⌋ + 1) × 1; call the number of its entries *out*.
# Filter: k²z weights and 1 bias. Fully connected: xyz · out weights and out biases, xyz · out + out. The output and the
# fully-connected layer grow with the image (the latter with the square of its area), the filter does not.
#
# **Marks (½).** ¼ for the output size and k²z + 1; ¼ for xyz · out + out and the dependence on the size.
#
# One published report leaves out z and the bias (k² weights) and lets the output have a depth computed like width and
# height. Both are wrong: a filter is as deep as its input and does not slide along it. Where the bias alone is missing
# but the answer says so ("without biases"), full marks.

# %% [markdown] question="q02" points=2
# ### Question 2 ★
#
# Which advantages does a convolution have over a fully-connected layer for images, and what is its
# main limit?

# %% [markdown] mark_scheme="q02"
# **Model answer.** The same weights are used at each position (weight sharing), and each output depends on a small
# neighbourhood alone (locality). Hence far fewer parameters, which do not depend on the size of the image: less
# memory, less data needed, less overfitting. A pattern that moves in the image moves in the same way in the map
# (translation equivariance), so it has to be learned once and not at each position. The spatial arrangement is kept.
# The main limit is the same locality: one layer sees k × k pixels, so that relations between distant parts need many
# layers, strides or pools. (Also: no built-in equivariance to rotation or scale; a position that matters in itself
# cannot be told.)
#
# **Marks (2).** ½ weight sharing with its consequence, fewer parameters; ½ locality; ½ equivariance to translation;
# ½ the limit, local context. "Translation *invariance*" for the convolution itself: take off ¼, the map moves along.
# "Faster" alone earns nothing: with its many positions a convolution may well do more multiplications than it has
# weights.

# %% [markdown]
# ## 1.2 Pooling
#
# A pooling layer also slides a window over the map, each channel by itself, and has no weights: max pooling keeps the
# largest number of each window, average pooling their mean. The formula for the size is the one above. PyTorch's pools
# also know `ceil_mode=True`: then the quotient is rounded up, so that a last window which sticks out counts too (unless
# it would begin in the padding on the right).

# %% [markdown] question="q03" points=2
# ### Question 3 ★
#
# What is spatial pooling good for?

# %% [markdown] mark_scheme="q03"
# **Model answer.** It makes the result nearly indifferent to small shifts and deformations: the maximum of a window
# stays the same when its place in the window changes. It makes maps smaller, so that the following layers need less
# computation and memory, and fully-connected layers behind it fewer weights. And it enlarges the receptive field: a
# filter behind a 2 × 2 pool of stride 2 covers twice as many pixels of the image in each direction.
#
# **Marks (2).** 1 for the tolerance to small shifts, explained; ½ for smaller maps and what they save; ½ for the
# receptive field.
#
# Common wrong answer: "it reduces the parameters of the convolutions". It does not: k²z + 1 does not depend on the
# size of the map; only the fully-connected part that follows gets smaller. No mark for that sentence, none taken off
# if the rest is right.

# %% [markdown]
# ## 1.3 The receptive field
#
# A neuron of the first convolution sees $k_1 \times k_1$ pixels. A neuron of the second one sees $k_2 \times k_2$
# neurons of the first, whose windows overlap, so that it sees more of the image. Two questions settle how much:
#
# - How far apart, in pixels of the image, do two neighbouring neurons of a layer look? That is the **jump** $j_L$.
#   Each layer multiplies it by its own stride, so that it is the product of all strides so far: $j_L = s_1 s_2 \cdots
#   s_L$, with $j_0 = 1$ for the pixels themselves.
# - By how much does layer $L$ widen the view? Its window holds $k_L$ neighbours, with $k_L - 1$ jumps of the layer
#   *before* between them:
#
# $$ R_0 = 1, \qquad R_L = R_{L-1} + (k_L - 1)\, j_{L-1} . $$
#
# ## 1.4 Counting weights
#
# For a convolution of $C$ channels into $F$, and a fully-connected layer of $m$ numbers into $n$, both with biases:
#
# $$ P_{\text{conv}} = F\,(k^2 C + 1), \qquad P_{\text{linear}} = n\,(m + 1) . $$
#
# Between the two stands the **unshared** convolution: local like a convolution, but with weights of its own at each
# position. With $H_{\text{out}} \times W_{\text{out}}$ positions and no biases it has
# $H_{\text{out}} W_{\text{out}} \cdot F k^2 C$ weights.
#
# Write these formulas as functions. The last of them, `layer_table`, applies the others to the network that you will
# build in part 2; its layers are described there.

# %% exercise="conv_arithmetic"

# %%
check("conv_arithmetic")

# %% [markdown]
# With your functions you can compare layers. Here is what 32 filters of $5 \times 5$ cost on colour images of growing
# size, with weights that are shared, unshared, and fully connected.

# %%
print(f"{'image':>11} {'convolution':>12} {'unshared':>14} {'fully connected':>20}")
for side in (16, 64, 256):
    shared = conv_parameter_count(3, 32, 5, bias=False)
    unshared = unshared_conv_parameter_count(3, side, side, filters=32, kernel_size=5)
    connected = 32 * equivalent_linear_parameter_count(3, side, side, kernel_size=5)
    print(f"{side:>4} × {side:<4} {shared:>12,} {unshared:>14,} {connected:>20,}")

# %% [markdown]
# ## 1.5 Images of another size
#
# Networks are trained on images of one size. What if a larger one comes along?

# %% [markdown] question="q04" points=2
# ### Question 4 ★
#
# A network of convolutions, pools and, at its end, fully-connected layers was trained on images of
# $32 \times 32$ pixels. Somebody gives it a larger image, without scaling it down. Which parts of the network can still
# be computed, which cannot, and why?

# %% [markdown] mark_scheme="q04"
# **Model answer.** Convolutions and pools can: their weights do not depend on the size of the map, they only have
# more positions, and their output is larger. The first fully-connected layer cannot: it has a weight for each number
# of the flattened map, and now there are more numbers than weights (an error about the shapes). The fully-connected
# layers after it would be fine, if only their input could be computed. Remedies: scale or crop the image, pool
# globally before the fully-connected part, or turn that part into convolutions (question 5).
#
# **Marks (2).** ½ convolutions and pools work, ½ because their weights are independent of the size (the output grows);
# ½ the fully-connected part fails, ½ because its number of weights is fixed by the size of the map.
#
# Common wrong answers: "the whole network fails"; "it works, but less well".

# %% [markdown]
# ### A fully-connected layer is a convolution
#
# A neuron of a fully-connected layer behind a map of $C \times H \times W$ numbers computes
#
# $$ y_n = b_n + \sum_{c, u, v} w_n[c, u, v] \; x[c, u, v] . $$
#
# Put that next to the formula of section 1.1: it is a convolution, at the only position that it has.

# %% [markdown] question="q05" points=0.5 expected={"q05_weight_shape": [200, 16, 5, 7], "q05_output": [200, 1, 1], "q05_larger": [200, 4, 3]} tolerance=0
# ### Question 5, numbers
#
# A fully-connected layer of 200 neurons stands behind a map of 16 channels, 5 rows and 7
# columns. It is written as a convolution without padding, of stride 1.
#
# - `q05_weight_shape`: the shape of that convolution's `weight` in PyTorch, (filters, channels, rows, columns);
# - `q05_output`: the shape of its output on that map, (channels, rows, columns);
# - `q05_larger`: the shape of its output on a map of 16 channels, 8 rows and 9 columns.

# %% [markdown] mark_scheme="q05"
# One filter a neuron, as deep and as large as the map: (200, 16, 5, 7). On the map itself it has one position: (200,
# 1, 1). On 8 × 9: 8 − 5 + 1 = 4 rows, 9 − 7 + 1 = 3 columns: (200, 4, 3).
#
# Common wrong answers: (200, 16, 7, 5), rows and columns exchanged; (16, 200, 5, 7), in and out exchanged;
# (200, 560, 1, 1), a 1 × 1 convolution, which needs the map flattened into channels first and then fits no larger map.

# %% [markdown] question="q05w" points=0.5
# ### Question 5, in words
#
# Why does this convolution give the same numbers as the layer, and what becomes of the second
# fully-connected layer, the one that follows?

# %% [markdown] mark_scheme="q05w"
# **Model answer.** The kernel covers the whole map, so each filter has exactly one position, and there it forms the
# sum of all the map's numbers, each with a weight of its own, plus the bias: the neuron's formula. The weights are
# the same numbers, in another shape. After it the map is n × 1 × 1, so the second layer becomes a convolution with 1
# × 1 kernels and as many filters as it has neurons.
#
# **Marks (½).** ¼ the kernel as large as the map, one filter a neuron, the same sum; ¼ the 1 × 1 convolution.

# %% [markdown]
# Now write that conversion. The weights are already there; what has to change is their shape.

# %% exercise="linear_as_conv"

# %%
check("linear_as_conv")

# %% [markdown]
# What does it give on a larger picture? A small linear classifier for windows of $8 \times 8$ pixels is slid over a
# picture of $20 \times 30$: once as your convolution, once by hand, each window cut out and classified.

# %%
torch.manual_seed(0)
classifier = nn.Linear(3 * 8 * 8, 10)
picture = torch.rand(1, 3, 20, 30)
with torch.no_grad():
    score_map = linear_to_conv(classifier, 3, 8, 8)(picture)
    windows = F.unfold(picture, kernel_size=8).transpose(1, 2)  # (1, positions, 3 · 8 · 8)
    by_hand = classifier(windows).transpose(1, 2).reshape(score_map.shape)
print("map of scores:", tuple(score_map.shape))
print("windows classified by hand:", windows.shape[1])
print("largest difference between the two:", (score_map - by_hand).abs().max().item())

# %% [markdown]
# The same can be done with a whole network: turn its fully-connected layers into convolutions, and it is **fully
# convolutional**.

# %% [markdown] question="q06" points=0.5 expected={"q06_scores": [10, 5, 3], "q06_unshared": 1881600} tolerance=0
# ### Question 6, numbers
#
# A network for images of $3 \times 32 \times 32$ has three times a convolution that keeps
# the size and a $2 \times 2$ pool of stride 2, ending in 64 maps of $4 \times 4$; then a fully-connected layer of
# 1000 neurons and one of 10. It is made fully convolutional.
#
# - `q06_scores`: the shape of its output, (channels, rows, columns), on an image of 64 rows and 48 columns.
#
# And a count for comparison: the first convolution has 32 filters of $5 \times 5$ on 3 channels.
#
# - `q06_unshared`: how many weights it would have on an image of $32 \times 32$ if they were not shared, without
#   padding, stride 1, without biases.

# %% [markdown] mark_scheme="q06"
# Three pools halve 64 × 48 to 8 × 6; the 4 × 4 kernel then has 8 − 4 + 1 = 5 by 6 − 4 + 1 = 3 positions; the 1 × 1
# convolution keeps them: (10, 5, 3). Unshared: 28 · 28 positions, 32 · 5² · 3 = 2,400 weights at each: 1,881,600,
# which is 784 times the 2,400 of the convolution.
#
# Common wrong answers: (10, 2, 1) or (10, 2, 1.5), the image cut into tiles without overlap; (10, 8, 6), the 4 × 4
# kernel forgotten; (10, 3, 5), rows and columns exchanged; 2,457,600 = 32 · 32 · 2,400, as if with padding; 58,800,
# one filter only.

# %% [markdown] question="q06w" points=0.5
# ### Question 6, in words
#
# What does the output of the fully convolutional network mean on a larger image, and what is
# it useful for?

# %% [markdown] mark_scheme="q06w"
# **Model answer.** A map of scores for each class: each position holds the scores of one window of 32 × 32 pixels,
# with neighbouring windows 8 pixels apart (the product of the strides). So the classifier is slid over the image in
# one pass, where overlapping windows share the computation of the convolutions. Useful to find where an object is
# (detection, coarse segmentation), and for images of any size, e.g. with the scores averaged over the map. (The
# padding inside the network makes it differ a little from windows that are really cut out: there zeros stand where
# here neighbours are.)
#
# **Marks (½).** ¼ a map of scores, one for each window; ¼ a use, with the shared computation or the localization named.

# %% [markdown]
# ## 1.6 The network of this practical
#
# In part 2 you build this network for colour images of $32 \times 32$ pixels. It is in the spirit of AlexNet, which
# won the ImageNet competition of 2012, at a scale that a laptop can train.
#
# | layer | what it does |
# | --- | --- |
# | conv1 | 32 filters of $5 \times 5$, then ReLU |
# | pool1 | max pooling $2 \times 2$ |
# | conv2 | 64 filters of $5 \times 5$, then ReLU |
# | pool2 | max pooling $2 \times 2$ |
# | conv3 | 64 filters of $5 \times 5$, then ReLU |
# | pool3 | max pooling $2 \times 2$ |
# | fc4 | fully connected, 1000 neurons, then ReLU |
# | fc5 | fully connected, 10 neurons: the scores of the classes |
#
# The convolutions must keep the width and height of their input, and the pools must halve them exactly.

# %% [markdown] question="q07" points=1 expected={"q07_fields": [5, 6, 14, 16, 32, 36], "q07_depth": "C"} tolerance=0
# ### Question 7
#
# How many pixels of the image, along one axis, does a neuron see after each layer? (The answers to
# questions 8 and 9 say which strides the layers have. A receptive field may be larger than the image.)
#
# - `q07_fields`: six numbers, after conv1, pool1, conv2, pool2, conv3 and pool3.
#
# And what follows for what the layers learn?
#
# - `q07_depth`:
#   - A: each layer finds the same patterns as the first one, on smaller maps and therefore faster;
#   - B: early layers respond to whole objects, deep ones to the edges and colours that these consist of;
#   - C: early layers respond to small, simple patterns, deep ones to large patterns composed of them;
#   - D: how much a neuron sees is decided by training, and not by its depth.

# %% [markdown] mark_scheme="q07"
# With kernels 5, 2, 5, 2, 5, 2 and strides 1, 2, 1, 2, 1, 2 the jumps before the layers are 1, 1, 2, 2, 4, 4:
# 1 + 4·1 = 5, + 1·1 = 6, + 4·2 = 14, + 1·2 = 16, + 4·4 = 32, + 1·4 = 36. Choice C.
#
# Common wrong answers: (5, 6, 14, 15, 23, 24), from a published report's formula R_L = R_{L−1} + (k_L − 1) · s_{L−1},
# with the previous stride alone in place of the product of all of them: right up to the third layer, wrong from the
# fourth on; (5, 6, 10, 11, 15, 16), with no strides at all; (5, 7, 15, 19, 35, 43), the layer's own stride taken into
# its jump; 32 in place of 36, clipped to the image.

# %% [markdown] question="q08" points=1 expected={"q08_padding": 2, "q08_stride": 1} tolerance=0
# ### Question 8
#
# Which padding and stride must the $5 \times 5$ convolutions have to keep the width and height of any
# input? Assign `q08_padding` and `q08_stride`.

# %% [markdown] mark_scheme="q08"
# n + 2p − 5 + 1 = n gives p = (5 − 1)/2 = 2, with stride 1. A stride of 2 with a large padding keeps the size of one
# particular n only.
#
# Common wrong answers: padding 1 (right for 3 × 3), 4 (both sides counted together), 5.

# %% [markdown] question="q09" points=1 expected={"q09_padding": 0, "q09_stride": 2} tolerance=0
# ### Question 9
#
# Which padding and stride must the $2 \times 2$ pools have to halve width and height? Assign
# `q09_padding` and `q09_stride`.

# %% [markdown] mark_scheme="q09"
# ⌊(n − 2)/s⌋ + 1 = n/2 for even n: stride 2, padding 0. With padding 1 the result is n/2 + 1; with stride 1 it is n −
# 1.

# %% [markdown] question="q10" points=1 expected={"q10_pool1": [32, 16, 16], "q10_pool2": [64, 8, 8], "q10_pool3": [64, 4, 4], "q10_parameters": [2432, 51264, 102464, 1025000, 10010]} tolerance=0
# ### Question 10 ★, numbers
#
# For an image of $3 \times 32 \times 32$:
#
# - `q10_pool1`, `q10_pool2`, `q10_pool3`: the shapes (channels, rows, columns) after each pool;
# - `q10_parameters`: five numbers, the parameters of conv1, conv2, conv3, fc4 and fc5, biases included.

# %% [markdown] mark_scheme="q10"
# (32, 16, 16), (64, 8, 8), (64, 4, 4). conv1 32·(25·3 + 1) = 2,432; conv2 64·(25·32 + 1) = 51,264; conv3
# 64·(25·64 + 1) = 102,464; fc4 1000·(1024 + 1) = 1,025,000; fc5 10·(1000 + 1) = 10,010. Pools have none.
#
# Common wrong answers: weights without biases (2,400; 51,200; 102,400; 1,024,000; 10,000); the depth left out (832;
# 1,664; 1,664); fc4 on the map before the last pool (4,097,000).

# %% [markdown] question="q10w" points=1
# ### Question 10 ★, in words
#
# Which layer holds most of the parameters, and what share of them (in percent)? What
# share do the three convolutions hold together? Where in the network, by contrast, is most of the computation done,
# and why there?

# %% [markdown] mark_scheme="q10w"
# **Model answer.** fc4 holds 1,025,000 of 1,191,170, 86.0%. The convolutions together hold 156,160, 13.1%, and fc5
# 0.8%. Computation is the other way round: a weight of a convolution is used at each position, e.g. in conv2
# 16·16·51,200 ≈ 13.1 million multiplications an image, conv3 6.6, conv1 2.5, fc4 1.0 million.
#
# **Marks (1).** ½ fc4 with its share (accept 85 to 87%); ¼ the convolutions' share (accept 13.0 to 13.2%); ¼
# computation in the convolutions, since weights are reused at each position.
#
# A published report prints 13.6% for the convolutions. Its own rows give 156,160 / 1,191,170 = 13.1%, and even with
# its misprinted total 13.2%. 13.6% is wrong; where the working is shown and only the last division is off, no more
# than the ¼ is lost.

# %% [markdown] question="q11" points=1 expected={"q11_total": 1191170, "q11_expect": "D"} tolerance=0
# ### Question 11
#
# The course trains this network on the 50,000 images of CIFAR-10.
#
# - `q11_total`: the number of all its parameters;
# - `q11_expect`: what is to be expected of the training?
#   - A: about as many parameters as examples: the network will fit the training set and the test set equally well;
#   - B: far fewer parameters than examples: the network will underfit, and hardly get better than chance;
#   - C: the number of parameters says that training cannot converge, since there are more unknowns than equations;
#   - D: far more parameters than examples: the network can learn the training set by heart, so overfitting is likely.

# %% [markdown] mark_scheme="q11"
# 2,432 + 51,264 + 102,464 + 1,025,000 + 10,010 = **1,191,170**, and D: about 24 parameters for each of 50,000
# examples, so that overfitting is to be expected.
#
# A published report prints 1,186,170. The rows of its own table sum to 1,191,170, and so does the network in PyTorch:
# the printed total is 5,000 too small. A student who copied it gets no point here. Others: 1,190,000, without biases;
# 166,170, fc4 left out.

# %% [markdown]
# Your function has the last word on questions 10 and 11:

# %%
table = layer_table()
total = sum(parameters for _, _, parameters in table)
for name, size, parameters in table:
    print(f"{name:<6} {' × '.join(str(int(n)) for n in size):>13} {parameters:>10,} {parameters / total:>7.1%}")
print(f"{'total':<20} {total:>10,}")

# %% [markdown] question="q12" points=1
# ### Question 12
#
# Before convolutional networks, images were often classified like this: local descriptors (such as
# SIFT) are computed on a dense grid, each is assigned to the nearest of 1,000 "visual words" found by clustering, the
# image is described by the histogram of its words, and a linear SVM separates the 10 classes. How many weights does
# that classifier learn from the labels, and what else distinguishes the two approaches?

# %% [markdown] mark_scheme="q12"
# **Model answer.** The linear SVM has a weight for each word and class and a bias for each class, 10 · 1,001 = 10,010
# in all, as many as fc5 alone and about 119 times fewer than the network. Its descriptors are designed by hand and
# its dictionary is clustered without labels: only the last step learns from them, and nothing tells the features what
# they are needed for. The network learns features and classifier together, from end to end. The histogram also
# forgets where the words were. Fewer parameters: less data needed, less overfitting, a convex problem; but a lower
# ceiling.
#
# **Marks (1).** ½ about 10,010 (accept 10,000, "without biases"; a dictionary of 1,000 × 128 numbers may be mentioned
# as learned without labels); ½ features fixed, not learned with the classifier.

# %% [markdown]
# # Part 2: Build and train
#
# ## 2.1 The data
#
# By default this notebook trains on the **colour set**: real handwritten digits, painted in random colours at random
# places on crops of photographs, $3 \times 32 \times 32$ pixels with values in $[0, 1]$, in ten classes. It has the
# shapes of CIFAR-10, needs no download, and a small part of it suffices for curves that mean something, within
# seconds. All experiments of this notebook together take a few minutes on two processor cores.
#
# With `USE_CIFAR = True` everything below runs on **CIFAR-10**, 50,000 training and 10,000 test images of animals and
# vehicles, as the course does it. Then have a GPU, and patience. The files are looked for in the folder that the
# environment variable `AUTOGRADER_DATA` names, and downloaded if they are not there.
#
# The course takes batches of 128. That is 391 steps an epoch on CIFAR-10, and would be only 7 on 800 images, too few
# to learn anything from in a handful of epochs. So on the colour set we take smaller batches, and get more steps.

# %%
USE_CIFAR = False

if USE_CIFAR:
    TRAIN, TEST, EPOCHS, BATCH = 50_000, 10_000, 20, 128  # examples, examples, epochs of an experiment, examples
else:
    TRAIN, TEST, EPOCHS, BATCH = 800, 300, 6, 16
ETA = 0.1  # the learning rate, unless an experiment is about another one
SEED = 0
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

data = load_cifar(data_roots(None), "full" if USE_CIFAR else "fast")
train_set = data.train_x[:TRAIN], data.train_y[:TRAIN]
test_set = data.test_x[:TEST], data.test_y[:TEST]
print(f"{data.name}: {len(train_set[0]):,} training and {len(test_set[0]):,} test images, training on {DEVICE}")

# %%
figures.images(train_set[0][:12], titles=[str(int(label)) for label in train_set[1][:12]])

# %% [markdown]
# What feeds a network is a **loader**: something that can be run through again and again and gives `(images, labels)`
# in batches. PyTorch's `DataLoader` is one. Ours fits on a page and does what this practical needs: a new order in
# each pass, and a transformation of each batch, which will be the place for augmentation.


# %%
class Batches:
    """Iterates over a set of images in batches.

    Args:
        images: (n, channels, height, width).
        labels: (n,).
        batch_size: examples; the last batch takes what is left.
        shuffle: whether each pass has a new order.
        transform: applied to the images of each batch, if given.
    """

    def __init__(self, images, labels, batch_size, shuffle=False, transform=None):
        self.images, self.labels = images, labels
        self.batch_size, self.shuffle, self.transform = batch_size, shuffle, transform

    def __iter__(self):
        n = len(self.images)
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        for chosen in order.split(self.batch_size):
            images, labels = self.images[chosen], self.labels[chosen]
            if self.transform is not None:
                images = self.transform(images)
            yield images.to(DEVICE), labels.to(DEVICE)


loader = Batches(*train_set, batch_size=BATCH, shuffle=True)
images, labels = next(iter(loader))
print("one batch:", tuple(images.shape), images.dtype, "labels:", labels.tolist()[:16])

# %% [markdown] question="q13" points=1 expected={"q13_batches": 16, "q13_last": 80, "q13_order": "B"} tolerance=0
# ### Question 13
#
# Read the class `Batches`, run the cell a few times, and try it on sets of your own. For a set of
# 2,000 images and `batch_size=128`:
#
# - `q13_batches`: how many batches one pass gives;
# - `q13_last`: how many examples the last one has.
#
# With `shuffle=True`, what happens if you run through the loader twice?
#
# - `q13_order`:
#   - A: both passes have the same random order, drawn when the loader was made;
#   - B: each pass visits every example once, in an order of its own;
#   - C: examples are drawn with replacement, so a pass may show some twice and others never;
#   - D: the second pass gives nothing, for the loader is used up.

# %% [markdown] mark_scheme="q13"
# ⌈2,000 / 128⌉ = 16 batches; 2,000 − 15 · 128 = 80 in the last. `__iter__` draws a new permutation each time it is
# called: B. (The course's question 13 is to read and run given code; here a check shows whether this was done.)
#
# Common wrong answers: 15 batches, the short one dropped; 15.625; C, which would be `randint` in place of `randperm`.

# %% [markdown]
# ## 2.2 One epoch
#
# The network gives scores $\tilde y \in \mathbb{R}^{10}$ for an image; with the softmax of practical 1 and the true
# class $c$ its loss is the cross-entropy
#
# $$ \ell(\tilde y, c) = -\log \frac{e^{\tilde y_c}}{\sum_i e^{\tilde y_i}} = -\tilde y_c + \log \sum_i e^{\tilde y_i} , $$
#
# in nats. `nn.CrossEntropyLoss` computes it from the *scores*, and averages it over a batch. An **epoch** is one pass
# over the training set; for each batch $B$ the weights $\theta$ make a step
#
# $$ \theta \leftarrow \theta - \eta \, \nabla_\theta \frac{1}{|B|} \sum_{n \in B} \ell\big(f_\theta(x_n), c_n\big) . $$
#
# The loss and the accuracy of an epoch are means over its *examples*. Batches need not be equally large, so a batch's
# mean has to count as often as the batch has examples:
#
# $$ \bar\ell = \frac{1}{N} \sum_B |B| \, \bar\ell_B , \qquad N = \sum_B |B| . $$
#
# A pass over the test set measures the same two things, and must change nothing: `model.eval()` switches layers that
# act differently in training, and `torch.no_grad()` records nothing for a backward pass that never comes.
#
# The learning rate may fall from epoch to epoch, which will be an experiment of part 3. With a factor
# $\gamma \le 1$ the $t$-th epoch, counted from 0, has $\eta_t = \eta_0 \gamma^t$.

# %% exercise="training"

# %%
check("training")

# %% [markdown] question="q14" points=2
# ### Question 14 ★
#
# Both kinds of pass report a loss and an accuracy. What are the differences between how these are
# obtained in training and in test? Can the training loss of an epoch be higher than the test loss, although the
# network fits the training set better?

# %% [markdown] mark_scheme="q14"
# **Model answer.** In training the numbers are averaged over batches *while the weights change*: each batch is judged
# by the network of that moment, so the mean belongs to no single network and lags behind. The network is in train
# mode (dropout drops, batch norm uses the batch's statistics), images may be augmented, gradients are recorded and
# steps made. In test the weights are fixed, all examples are judged by the same network at the end of the epoch, in
# evaluation mode, without gradients and steps, on examples it was not trained on. Therefore yes: early in training,
# when the network improves a lot within an epoch, and with dropout or augmentation, the reported training loss can
# lie above the test loss.
#
# **Marks (2).** ½ averaged over changing weights against fixed weights; ½ train mode against evaluation mode (dropout,
# batch norm); ½ no gradient and no step in test, and other data; ½ yes, with a reason.
#
# "Test is measured on other data" alone: ½.

# %% [markdown]
# ## 2.3 Question 15: the network
#
# Question 15 is to write the network and the loop that trains it. The loop you have; here is the network of section
# 1.6, as an `nn.Module`. The numbers of questions 8 to 10 go into it. Two things to keep in mind:
#
# - The last layer gives scores. The softmax is in the loss: another one in the network would be applied on top of it.
# - Crops of $28 \times 28$ pixels will come along in part 3. They reach the last pool as $7 \times 7$, and have to
#   leave it as $4 \times 4$, for fc4 expects that: section 1.2 tells what a pool can do.
#
# The two options `dropout` and `batch_norm` are off by default. PyTorch's own layers do for now; how they work is a
# subject of part 3.

# %% exercise="convnet"

# %%
check("convnet")

# %% [markdown]
# A first test for any network and training loop: can they learn 16 images by heart? If that fails, something is wrong
# in the code, and no amount of data or patience will help. Here `fit` runs 150 times over one batch.

# %%
torch.manual_seed(SEED)
network = ConvNet().to(DEVICE)
few = [(images[:16], labels[:16])]
started = time.perf_counter()
history = fit(network, few, epochs=150, eta=0.05)
print(f"{time.perf_counter() - started:.1f} s; loss {history[0][0]:.2f} → {history[-1][0]:.4f}", end=", ")
print(f"accuracy {history[0][1]:.2f} → {history[-1][1]:.2f}")

# %% [markdown]
# ## 2.4 The baseline
#
# All experiments follow one pattern: train a variant from the same initial weights with the same order of examples,
# and note after each epoch how it does on the test images. Two helpers do that for the rest of the notebook. `run`
# trains and returns four curves; `compare` draws one of them for several variants. What changes from experiment to
# experiment is an argument of `run`.


# %%
def run(
    title,
    network=ConvNet,
    train=train_set,
    test=test_set,
    eta=ETA,
    gamma=1.0,
    schedule=None,
    batch_size=BATCH,
    epochs=EPOCHS,
    augment=None,
    crop=None,
    optimizer=torch.optim.SGD,
):
    """Trains one variant and returns its curves, with one value for each epoch.

    Args:
        title: for the progress bar.
        network: makes the network.
        train, test: (images, labels).
        eta, gamma: the learning rate of the first epoch and its decay.
        schedule: the learning rate of each epoch, in place of eta and gamma.
        batch_size: examples.
        epochs: passes over the training set.
        augment: transforms each training batch.
        crop: transforms each test batch, e.g. to the size of augmented images.
        optimizer: takes (parameters, lr=eta).
    """
    torch.manual_seed(SEED)
    model = network().to(DEVICE)
    criterion = nn.CrossEntropyLoss()
    steps = optimizer(model.parameters(), lr=eta)
    train_loader = Batches(*train, batch_size, shuffle=True, transform=augment)
    test_loader = Batches(*test, 500, transform=crop)
    curves = {"training loss": [], "training accuracy": [], "test loss": [], "test accuracy": []}
    progress = tqdm(schedule or exponential_lr(eta, gamma, epochs), desc=title, unit="epoch")
    for rate in progress:
        for group in steps.param_groups:
            group["lr"] = rate
        for part, result in (
            ("training", epoch(train_loader, model, criterion, steps)),
            ("test", epoch(test_loader, model, criterion)),
        ):
            curves[f"{part} loss"].append(float(result[0]))
            curves[f"{part} accuracy"].append(float(result[1]))
        progress.set_postfix_str(f"test accuracy {curves['test accuracy'][-1]:.2f}")
    return curves


UNITS = {"loss": "cross-entropy (nats)", "accuracy": "accuracy (fraction of the examples)"}


def compare(variants, what="test accuracy", title=""):
    """Draws one curve of each variant. `variants` maps names to results of `run`."""
    part, quantity = what.split()
    drawn = {name: curves[what] for name, curves in variants.items()}
    return figures.curves(drawn, ylabel=f"{part} {UNITS[quantity]}", title=title or what)


# %% [markdown]
# Look at the network before its first step, then train it: the baseline, longer than the other experiments, so that
# it can show what happens in the end.

# %%
torch.manual_seed(SEED)
untrained = ConvNet().to(DEVICE)
loss, accuracy = epoch(Batches(*test_set, 500), untrained, nn.CrossEntropyLoss())
print(f"before training: loss {float(loss):.3f} nats, accuracy {float(accuracy):.3f}")

# %%
LONG = 2 * EPOCHS if USE_CIFAR else 3 * EPOCHS
long_baseline = run("baseline", epochs=LONG)
baseline = {what: values[:EPOCHS] for what, values in long_baseline.items()}  # to compare with shorter runs

# %%
figures.curves(
    {"training": long_baseline["training loss"], "test": long_baseline["test loss"]},
    ylabel=UNITS["loss"],
    title="Baseline: loss",
)

# %%
figures.curves(
    {"training": long_baseline["training accuracy"], "test": long_baseline["test accuracy"]},
    ylabel=UNITS["accuracy"],
    title="Baseline: accuracy",
)

# %% [markdown]
# ### Learning rate and batch size
#
# Now the two knobs of stochastic gradient descent. First the learning rate over nearly four orders of magnitude, at
# one batch size: 128 on CIFAR-10, as in the course, 16 on the colour set. Then the batch size at one learning rate:
# 0.01 on CIFAR-10; on the colour set 0.05, since 0.01 does not get off the ground in a few epochs of so few steps.

# %%
rates = {f"η = {eta}": run(f"η = {eta}", eta=eta) for eta in (1e-4, 0.01, 0.5)}
rates["η = 0.1"] = baseline

# %%
compare(rates, "training loss", title=f"Learning rates, batches of {BATCH}")

# %%
compare(rates, "test accuracy", title=f"Learning rates, batches of {BATCH}")

# %%
BATCH_ETA = 0.01 if USE_CIFAR else 0.05
sizes, seconds = {}, {}
for size in (8, 32, 128):
    started = time.perf_counter()
    sizes[f"batches of {size}"] = run(f"batches of {size}", batch_size=size, eta=BATCH_ETA)
    seconds[size] = (time.perf_counter() - started) / EPOCHS
print("seconds an epoch:", {size: round(value, 1) for size, value in seconds.items()})

# %%
compare(sizes, "training loss", title=f"Batch sizes, η = {BATCH_ETA}")

# %%
compare(sizes, "test accuracy", title=f"Batch sizes, η = {BATCH_ETA}")

# %% [markdown] question="q16" points=2
# ### Question 16 ★
#
# Describe, with these four figures, what the learning rate and the batch size do to the speed of
# learning, to its stability and noise, and to what is reached in the end. What else does the batch size change (time
# for an epoch, memory)? Change values and run again where you want to know more.

# %% [markdown] mark_scheme="q16"
# **Model answer.** *Learning rate:* at 1e-4 the loss hardly moves: steps too small, many epochs would be needed. 0.01
# is smooth and slow, on CIFAR-10 the most stable. 0.1 is fast and noisier (and overfits sooner). At 0.5 the steps
# overshoot: the loss stays near log 10 or jumps or diverges, the accuracy stays near 10%. *Batch size* at a fixed
# rate: small batches make more steps an epoch, so that the loss falls faster per epoch, with noisier gradients and
# curves (noise that may even help to generalize); large batches give smoother, better estimates but fewer steps, so
# they learn slower per epoch at the same rate (a larger batch can bear a larger rate). An epoch of large batches
# takes less time, as long as the hardware is not yet busy; memory for activations grows in proportion to the batch.
#
# **Marks (2).** ½ too small and ½ too large a rate, each referring to the figure; ½ batch size: steps an epoch and
# noise; ½ time and memory, or that η and batch size have to be chosen together.
#
# The published reports find, on CIFAR-10 at batch 128: 0.0001 very slow, 0.01 most stable, 0.1 good but overfitting,
# 0.5 fails; at η = 0.01 a batch of 32 the best. With the reference solution and the default settings: after 6 epochs
# test accuracies of 0.08, 0.14, 0.52 and 0.10 at η = 0.0001, 0.01, 0.1 and 0.5; of 0.61, 0.15 and 0.10 with batches
# of 8, 32 and 128.
#
# "Smaller batches are better" without a word on the number of steps: at most ¼ for that part; at equal epochs the small
# batch has made 16 times as many steps.

# %% [markdown] question="q17" points=0.5 expected={"q17_loss": 2.3026, "q17_accuracy": 0.1} tolerance=0.01
# ### Question 17, numbers
#
# A classifier for ten equally frequent classes gives each of them the same score.
#
# - `q17_loss`: its cross-entropy in nats;
# - `q17_accuracy`: the accuracy to be expected, as a fraction, if it picks among equal scores at random.

# %% [markdown] mark_scheme="q17"
# −log(1/10) = log 10 ≈ 2.3026; 1/10. Common wrong answers: 1.0 (logarithm to base 10), 3.32 (base 2), 0.1 for the
# loss, 10 for the accuracy (a percentage).

# %% [markdown] question="q17w" points=0.5
# ### Question 17, in words
#
# What did the untrained network of the baseline reach? Why is it close to these numbers,
# and what would you suspect if its loss were, say, 9?

# %% [markdown] mark_scheme="q17w"
# **Model answer.** About 2.30 and about 10% (the reference: 2.30 and a value around 0.1 that depends on the seed).
# The initial weights are small, so are the scores, and their softmax is nearly uniform: each class gets about 1/10. A
# loss of 9 means scores that are confident and wrong before anything was learned: weights initialised too large,
# inputs not scaled (0 to 255), a wrong loss, labels that do not match. It is a check that costs one pass.
#
# **Marks (½).** ¼ the measured values with the uniform distribution as the reason; ¼ a sensible suspicion.

# %% [markdown] question="q18" points=2
# ### Question 18 ★
#
# Look at the two figures of the long baseline. What is wrong with the result? Say what in the
# curves shows it, and name two or three remedies.

# %% [markdown] mark_scheme="q18"
# **Model answer.** Overfitting. The training accuracy goes to 100% and the training loss to 0, while the test
# accuracy stops improving well below that, and the test loss rises again after a minimum although the test accuracy
# hardly changes: on the images that it gets wrong the network becomes more and more sure. The gap between the curves
# is what was learned by heart. Remedies: more data or augmentation, dropout, weight decay, a smaller fully-connected
# part, stopping early; part 3 tries some of them.
#
# **Marks (2).** ½ overfitting named; ½ training near 100% while the test accuracy is flat; ½ the test loss rises (or:
# the growing gap of the losses); ½ two remedies that fit.
#
# On CIFAR-10 the published report has 100% in training, about 70% in test, and a test loss that rises from about
# epoch 10 on. With the reference solution and the default settings: after 18 epochs training 1.00 and test 0.90; the
# test loss has its minimum of about 0.33 near epoch 14 and stays above it from then on, around 0.4, while the
# training loss goes to 0.01.
#
# Common wrong answers: "the learning rate is too high" (the training loss falls smoothly); "underfitting"; "bad luck
# with the test set".

# %% [markdown]
# A word of caution before you turn more knobs. We watch the *test* curves of each experiment, as the course does, and
# pick what looks best. A number that was picked as the best of twenty is too good to be true, and these are few test
# images and a single seed: differences of a few percent are noise here. If you want to report a result, keep a
# validation set to choose by, and look at the test set once (question 1 of practical 1).

# %% [markdown]
# # Part 3: Improve it
#
# ## 3.1 Preprocessing
#
# Gradient descent likes inputs that are centred and of one scale. If all inputs of a neuron are positive, as raw
# pixels are, the gradients of all its weights have the same sign in each example, and the loss gets long, narrow
# valleys. **Standardization** fixes that with two numbers for each channel $c$, the mean and the standard deviation
# over all pixels of all training images:
#
# $$ \mu_c = \frac{1}{NHW} \sum_{n,i,j} x_{n c i j}, \qquad
# \sigma_c^2 = \frac{1}{NHW} \sum_{n,i,j} (x_{n c i j} - \mu_c)^2, \qquad
# x'_{n c i j} = \frac{x_{n c i j} - \mu_c}{\sigma_c} . $$
#
# Other ways, as a bonus: **L1 and L2 normalization** divide each image by its own norm, $\|x\|_p = \big(\sum
# |x_{cij}|^p\big)^{1/p}$. **ZCA whitening** takes away the correlations between pixels. With each image as one long
# vector, $\Sigma = U \Lambda U^\top$ the covariance matrix of the training images and $\mu$ their mean image,
#
# $$ W = U (\Lambda + \varepsilon I)^{-1/2} U^\top, \qquad x' = W (x - \mu) . $$
#
# It scales each principal direction to variance 1 (nearly: $\varepsilon$ keeps directions without variance from being
# blown up) and turns back, so that the result still looks like the image.

# %% exercise="preprocessing"

# %%
check("preprocessing")

# %%
mean, std = channel_statistics(train_set[0])
standardized_train = standardize(train_set[0], mean, std), train_set[1]
standardized_test = standardize(test_set[0], mean, std), test_set[1]
print("mean of each channel:", [round(value, 3) for value in mean.tolist()])
print("standard deviation:  ", [round(value, 3) for value in std.tolist()])


def run_standardized(title, **settings):
    """`run` on standardized images, with half the learning rate unless `settings` say otherwise."""
    return run(title, **{"train": standardized_train, "test": standardized_test, "eta": ETA / 2, **settings})


standardized = run_standardized("standardized", eta=ETA)
reference = run_standardized("half the rate")

# %% [markdown]
# (On CIFAR-10 you find $\mu = (0.491, 0.482, 0.447)$ and $\sigma = (0.247, 0.243, 0.262)$. The course's sheet prints
# $\sigma = (0.202, 0.199, 0.201)$: the standard deviation of each image by itself, averaged over the images. That
# misses how much images differ from each other. For training, both work.)

# %%
preprocessed = {
    f"baseline, η = {ETA}": baseline,
    f"standardized, η = {ETA}": standardized,
    f"standardized, η = {ETA / 2}": reference,
}
compare(preprocessed, "training loss", title="Standardization")

# %%
compare(preprocessed, "test accuracy", title="Standardization")

# %% [markdown] question="q19" points=1
# ### Question 19
#
# What does standardization change in the curves, in speed and in the end, and in the learning rate that suits? How do
# you explain it?

# %% [markdown] mark_scheme="q19"
# **Model answer.** Learning starts sooner and is faster: the training loss falls from the first epochs on, where the
# baseline sits on a plateau near log 10 for a while; after the same number of epochs the test accuracy is higher.
# Reason: centred inputs of one scale make the problem better conditioned, gradients of all weights of comparable
# size, the same η suits them all. It adds no information and no regularization: given enough epochs the raw network
# gets near, and it can overfit the sooner. The gradients are larger than on raw pixels, so that η = 0.1 is now rather
# large (a jump of the loss) and half of it calmer.
#
# **Marks (1).** ½ a comparison that refers to the figure (speed and level); ½ the conditioning of the problem, in any
# words.
#
# The published reports: it helps. With the reference solution and the default settings: after 6 epochs the baseline
# has a test accuracy of 0.52, the standardized images 0.64 at η = 0.1 (0.86 an epoch before, then the jump) and 0.87
# at η = 0.05.

# %% [markdown] question="q20" points=1
# ### Question 20
#
# Mean and standard deviation are computed on the training images alone, and the test images are
# standardized with these. Why not with their own, or with those of all images together?

# %% [markdown] mark_scheme="q20"
# **Model answer.** The test set stands for images that come later, perhaps one at a time: nothing of it may enter
# into the making of the model, else the measured accuracy is that of a model which knew it (data leakage). And all
# images must go through the same map: the network has learned what a standardized value means under the training
# statistics; with other numbers the same pixel would become another input. A single image's own statistics would
# moreover throw away its brightness and contrast.
#
# **Marks (1).** ½ no leakage; ½ the same map for all data (or: statistics of the test set are not known in use).

# %% [markdown]
# ### Bonus: L1, L2, ZCA

# %%
others = {"baseline": baseline, "standardized": standardized}
for p in (1, 2):
    normalized_train = lp_normalize(train_set[0], p), train_set[1]
    normalized_test = lp_normalize(test_set[0], p), test_set[1]
    others[f"L{p}"] = run(f"L{p}", train=normalized_train, test=normalized_test)

# %%
ZCA_EPS = 0.01
whitening = zca_fit(train_set[0], ZCA_EPS)
white_train, white_test = (zca_apply(images, *whitening) for images in (train_set[0], test_set[0]))
others["ZCA"] = run("ZCA", train=(white_train, train_set[1]), test=(white_test, test_set[1]))

# %%
shown = torch.cat([train_set[0][:6], (0.5 + white_train[:6] / 4).clamp(0, 1)])
figures.images(shown, titles=["raw"] * 6 + ["whitened"] * 6)

# %%
compare(others, "test accuracy", title="Preprocessing")

# %% [markdown] question="q21" points=1 bonus=true
# ### Question 21 (bonus)
#
# Compare L1 and L2 normalization and ZCA whitening with standardization. How large are the
# pixels after each of them, and what has that to do with the curves?

# %% [markdown] mark_scheme="q21"
# **Model answer.** L1 and L2 do not help, they hurt: after them an image of 3,072 numbers has norm 1, so that a pixel
# is about 1/3,072 (L1) or 1/55 (L2). The first layer then sees nearly nothing but its biases, its gradients are as
# small as the inputs, and at the same η nothing is learned in so few epochs (a rescaling by 3,072 or √3,072 would
# fix it, centring is still missing). They also take away differences of brightness between images, which may or may
# not matter. ZCA gives centred inputs with variances up to 1 and no correlations between neighbours; edges are
# emphasised. It learns faster than raw pixels, depends on ε, and needs a d × d matrix (3,072² numbers here) and
# enough images to estimate it: with fewer images than dimensions most directions have no variance in training, but
# some in the test set.
#
# **Marks (1).** ½ L1 and L2 with the scale as the reason; ½ ZCA: what it does and how it fares in the figure.
# With the reference solution and the default settings: test accuracies after 6 epochs at η = 0.1: L1 and L2 0.12,
# ZCA 0.56 (0.68 the epoch before), raw 0.52.

# %% [markdown]
# From here on, experiments start from the **standardized** images and, unless they are about the learning rate, from
# half the rate, at which these images are learned more calmly. The curve to beat is called "standardized".
#
# ## 3.2 Augmentation
#
# The cure for too few examples is more of them. We do not have more, but we know changes that leave the class of an
# image as it is. If $T$ is a random one of them, training minimises
#
# $$ \frac{1}{N} \sum_n \mathbb{E}_T \, \ell\big(f_\theta(T x_n), c_n\big) , $$
#
# with a fresh draw of $T$ for each image each time it is seen. Two are classical:
#
# - A **random crop**: a square of $28 \times 28$ pixels out of the $32 \times 32$, at one of $5 \cdot 5 = 25$ places.
#   It moves the object by a few pixels. In test the crop in the middle takes its place: there nothing is random.
# - A **horizontal flip**: with probability ½ the image is mirrored, left and right exchanged.
#
# Each image of a batch makes its own draw.

# %% exercise="augmentation"

# %%
check("augmentation")


# %%
def crop_and_flip(images):
    """A random augmentation of each training image: (batch, 3, 32, 32) → (batch, 3, 28, 28)."""
    return random_horizontal_flip(random_crop(images, 28))


def middle(images):
    """The fixed crop of each test image: (batch, 3, 32, 32) → (batch, 3, 28, 28)."""
    return center_crop(images, 28)


one = train_set[0][:1]
draws = [crop_and_flip(one) for _ in range(7)]
figures.images(torch.cat([middle(one), *draws]), titles=["middle"] + [f"draw {n}" for n in range(1, 8)])

# %%
augmented = {
    "standardized": reference,
    "crops": run_standardized("crops", augment=lambda images: random_crop(images, 28), crop=middle),
    "crops and flips": run_standardized("crops and flips", augment=crop_and_flip, crop=middle),
}

# %%
compare(augmented, "training accuracy", title="Crops and flips: training")

# %%
compare(augmented, "test accuracy", title="Crops and flips: test")

# %% [markdown] question="q22" points=1
# ### Question 22
#
# What do crops and flips change in the training curves and in the test curves? Say which data you
# trained on. (Give the runs more epochs if they have not yet shown it.)

# %% [markdown] mark_scheme="q22"
# **Model answer.** The training accuracy rises more slowly and stays lower (each pass shows other images, learning by
# heart does not work), the gap to the test curve gets smaller, and with enough epochs the test accuracy is higher and
# the test loss rises later or not at all. In a handful of epochs the slower learning may hide the gain. On CIFAR-10
# both help (so the published reports say). On the colour set, whose classes are digits, crops help or do no harm,
# while flips make the task harder: a mirrored 2, 3 or 7 is no digit that the test set holds, so part of the network
# is spent on images that never come.
#
# **Marks (1).** ½ training harder, smaller gap; ½ the effect on test, stated with the figure and the data set (on
# digits an answer that flips do not help is right).

# %% [markdown] question="q23" points=1
# ### Question 23
#
# For which kinds of images is mirroring left and right a sensible augmentation, and for which is it
# not?

# %% [markdown] mark_scheme="q23"
# **Model answer.** Sensible where the mirror image is as likely and has the same label: animals, vehicles, most
# objects and natural scenes. Not for digits and letters (b and d, text in a scene), traffic signs and arrows with a
# direction, medical images where the side matters (the heart), or tasks whose label says left or right. Up and down
# is another matter: fine for aerial or microscope images, not for street scenes.
#
# **Marks (1).** ½ a principle (the label must survive, and the image must be one that occurs) with an example that
# fits; ½ an example that does not, with its reason.

# %% [markdown] question="q24" points=1
# ### Question 24
#
# What are the limits of augmentation by such transformations?

# %% [markdown] mark_scheme="q24"
# **Model answer.** The new images are strongly correlated with the old ones: they show the same objects, backgrounds
# and lights, and add no truly new information; what the data set lacks (another breed, another viewpoint in depth)
# they do not supply. Only invariances that we know and can compute are taught, and they must suit the task: too
# strong a change alters the label or leaves the distribution of the test images; crops may cut the object off. Gains
# level off; training takes longer and costs computation; strengths are further hyper-parameters.
#
# **Marks (1).** ½ no new content, correlated examples; ½ one more limit, explained (label changed, other
# distribution, known invariances only, cost).

# %% [markdown]
# ### Bonus: rotation and blur
#
# `torchvision.transforms.v2` has many more. Keep one thing in mind: a call draws *once*, for the whole batch it gets.
# To give each image its own draw, as your functions do, we call it image by image.

# %%
rotation = v2.RandomRotation(degrees=15, interpolation=v2.InterpolationMode.BILINEAR)
blur = v2.GaussianBlur(kernel_size=3, sigma=(0.1, 1.0))  # standard deviation in pixels


def each(transform):
    """The transform, applied to each image of a batch with its own draw."""
    return lambda images: torch.stack([transform(image) for image in images])


figures.images(
    torch.cat([one] + [each(rotation)(one) for _ in range(4)] + [each(blur)(one) for _ in range(3)]).clamp(0, 1),
    titles=["image"] + ["rotated"] * 4 + ["blurred"] * 3,
)

# %%
augmented["rotation"] = run_standardized("rotation", augment=each(rotation))
augmented["blur"] = run_standardized("blur", augment=each(blur))

# %%
compare(augmented, "test accuracy", title="Augmentations")

# %% [markdown] question="q25" points=1 bonus=true
# ### Question 25 (bonus)
#
# Rotation, blur, and a transformation that you choose (noise, erasing a rectangle, changes
# of colour, mixing two images and their labels): try them, alone or together, and discuss what you find. Which
# invariance does each of them teach, and does the data have it?

# %% [markdown] mark_scheme="q25"
# **Model answer.** Rotation by small angles teaches tolerance to tilt, which handwriting and photographs have; by
# large ones it turns a 6 into a 9. A 3 × 3 blur or noise teaches tolerance to focus and sensor noise, and keeps the
# network from relying on single pixels. Erasing keeps it from relying on one detail; colour jitter teaches
# indifference to light and ink (on the colour set colour says nothing about the class, so it suits); mixing (mixup)
# smooths the decision between classes. Each slows training and narrows the gap; the gain in test shows after more
# epochs. The published reports: rotation and blur both help on CIFAR-10.
#
# **Marks (1).** ½ at least one further transformation run, with a figure or numbers; ½ the invariance and whether it
# suits the data.

# %% [markdown]
# ## 3.3 Learning-rate schedules
#
# With a constant learning rate the weights never come to rest: near a minimum the noise of the small batches throws
# them about, the further the larger $\eta$ is. **Exponential decay** starts with large steps and makes them smaller,
#
# $$ \eta_t = \eta_0 \, \gamma^t , $$
#
# with $\gamma = 0.95$ an epoch in the course. In the few epochs of the colour set that would have almost no effect,
# so we use a stronger decay there.

# %%
GAMMA = 0.95 if USE_CIFAR else 0.75
figures.curves(
    {"constant": [ETA] * EPOCHS, f"γ = {GAMMA}": exponential_lr(ETA, GAMMA, EPOCHS)}, ylabel="learning rate η"
)

# %%
decayed = {
    f"constant {ETA}": standardized,
    f"constant {ETA / 2}": reference,
    f"from {ETA}, γ = {GAMMA}": run_standardized("decay", eta=ETA, gamma=GAMMA),
}

# %%
compare(decayed, "training loss", title="Exponential decay: training")

# %%
compare(decayed, "test loss", title="Exponential decay: test")

# %% [markdown] question="q26" points=1
# ### Question 26
#
# What does the decay change in the curves, in their level and in their smoothness?

# %% [markdown] mark_scheme="q26"
# **Model answer.** The first epochs are alike; later the curves with decay are smoother, above all the test curves
# jump less from epoch to epoch. The final level is about the same or a little better; with γ too small training comes
# to a halt before it has arrived. It does not cure overfitting.
#
# **Marks (1).** ½ smoother or calmer later on, referring to the figure; ½ about the level (the published reports:
# about the same as without; "a bit better" with the figure is as good). With the reference solution and the default
# settings: after 6 epochs a training loss of 0.17 and a test loss of 0.40 with decay, 0.36 and 0.42 at a constant
# 0.05; the constant 0.1 jumps in the last epoch (training accuracy 0.96 with decay, test 0.86).

# %% [markdown] question="q27" points=1
# ### Question 27
#
# Why can a learning rate that falls during training be better than any constant one?

# %% [markdown] mark_scheme="q27"
# **Model answer.** At first we are far from a minimum and the gradient's direction is reliable: large steps get there
# quickly, and pass over small bumps and poor minima. Near a minimum large steps overshoot it, and the noise of
# mini-batches keeps the weights moving within a region whose size grows with η: small steps let them settle. A
# constant rate must compromise between both. (Robbins and Monro: convergence of stochastic gradient descent asks for
# Σ η_t = ∞ and Σ η_t² < ∞. An exponential decay violates the first: it may stop too early.)
#
# **Marks (1).** ½ large steps early, with a reason; ½ small steps late let it settle (overshooting or noise).

# %% [markdown]
# ### Bonus: other optimizers
#
# **RMSprop** divides each gradient by a running root mean square of that weight's own gradients, so that each weight
# gets a step size of its own; **Adam** does so too, and averages the gradient itself as well (momentum):
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
# \theta \leftarrow \theta - \eta \, \frac{\hat m}{\sqrt{\hat v} + \epsilon} , $$
#
# where $\hat m$ and $\hat v$ are corrected for their start at 0. A step is about $\eta$ long in each weight whatever
# the size of the gradient, so their learning rates are much smaller: $10^{-3}$ is usual.

# %%
optimizers = {
    f"SGD, η = {ETA / 2}": reference,
    "Adam, η = 0.001": run_standardized("Adam", eta=1e-3, optimizer=torch.optim.Adam),
    "RMSprop, η = 0.0003": run_standardized("RMSprop", eta=3e-4, optimizer=torch.optim.RMSprop),
}

# %%
compare(optimizers, "training loss", title="Optimizers: training")

# %%
compare(optimizers, "test accuracy", title="Optimizers: test")

# %% [markdown] question="q28" points=1 bonus=true
# ### Question 28 (bonus)
#
# Compare Adam and RMSprop with plain SGD, and try a schedule of your own (steps, cosine,
# warm-up: any list of rates will do as `schedule=`). What do you find?

# %% [markdown] mark_scheme="q28"
# **Model answer.** Adam and RMSprop leave the start faster and need less tuning of η, since each weight has its own
# scale; with η = 0.1 they would fail. In the end well-tuned SGD with a schedule (and momentum) is often as good in
# test or better; fast fitting brings fast overfitting. Step decay shows a jump down of the loss at each step, cosine
# falls smoothly to nearly 0, warm-up protects the first steps when gradients are large and estimates poor.
#
# **Marks (1).** ½ comparison of at least one optimizer with the figure, and its other scale of η; ½ a schedule of
# one's own, run and discussed.

# %% [markdown]
# ## 3.4 Dropout and batch normalization
#
# **Dropout** sets each number of a layer's output to zero with probability $p$ in training, independently of the others.
# So that the next layer gets the same input on average, the remaining numbers are scaled up ("inverted" dropout):
#
# $$ y_i = \frac{m_i}{1 - p}\, x_i , \qquad m_i \sim \text{Bernoulli}(1 - p) , \qquad \mathbb{E}[y_i] = x_i . $$
#
# **Batch normalization** standardizes each channel *inside* the network, with the mean $\mu_c$ and the variance
# $\sigma_c^2$ of the current batch (over its images, rows and columns), and then lets the network choose scale and
# shift:
#
# $$ \hat x = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}, \qquad y = \gamma_c \, \hat x + \beta_c . $$
#
# ($\gamma_c$ here is a learned weight, not the decay of section 3.3.) In evaluation an image's scores must not depend
# on which other images happen to be in its batch. So running averages, computed during training, replace the batch's
# statistics:
#
# $$ \mu^{\text{run}}_c \leftarrow (1 - \alpha)\, \mu^{\text{run}}_c + \alpha\, \mu_c , \qquad
# \sigma^{2,\text{run}}_c \leftarrow (1 - \alpha)\, \sigma^{2,\text{run}}_c + \alpha\, \tfrac{n}{n-1} \sigma^2_c , $$
#
# with $\alpha$ the `momentum` of PyTorch, and $n$ the numbers that a channel has in the batch: normalized with the
# biased variance, remembered with the unbiased one. Until now you used PyTorch's layers; now write both yourself.

# %% exercise="regularization"

# %%
check("regularization")

# %% [markdown]
# Your batch norm in the place of PyTorch's: in a network with `batch_norm=True` each of its layers is replaced by
# yours, with the same parameters, and the two networks are compared, in training and after it.

# %%
torch.manual_seed(SEED)
theirs, ours = ConvNet(batch_norm=True), ConvNet(batch_norm=True)
for module in list(ours.modules()):
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, BatchNorm2d(child.num_features))
ours.load_state_dict(theirs.state_dict())
batch = standardized_train[0][:32]
for mode in (True, False):
    with torch.no_grad():
        difference = (ours.train(mode)(batch) - theirs.train(mode)(batch)).abs().max().item()
    print(f"{'training' if mode else 'evaluation'}: largest difference of the scores {difference:.1e}")

# %% [markdown]
# Now dropout at several rates. It acts between fc4, the layer that holds most of the parameters, and fc5:

# %%
dropped = {"p = 0": reference}
for p in (0.3, 0.6, 0.9):
    dropped[f"p = {p}"] = run_standardized(f"p = {p}", network=lambda p=p: ConvNet(dropout=p))

# %%
compare(dropped, "training accuracy", title="Dropout: training")

# %%
compare(dropped, "test accuracy", title="Dropout: test")

# %%
compare(dropped, "test loss", title="Dropout: test")

# %% [markdown] question="q29" points=1
# ### Question 29
#
# What does dropout change in the curves of training and of test, and in the distance between them?

# %% [markdown] mark_scheme="q29"
# **Model answer.** The training accuracy rises more slowly and stays lower, the more so the larger p (measured with
# neurons missing, which the test is not: so the test can even look better than training). The gap to the test curve
# gets smaller, the test loss rises later and less, and with enough epochs the test accuracy is a little higher. In a
# short run, before overfitting starts, the slower learning may be all that one sees.
#
# **Marks (1).** ½ training slower and lower; ½ the gap smaller, or test better or its loss calmer, as the figure
# shows it. The published reports: it helps, with rates up to 0.9. With the reference solution and the default
# settings: after 6 epochs training 0.90 and test 0.87 without dropout, 0.82 and 0.85 with p = 0.6: slower, no gap yet
# to close.

# %% [markdown] question="q30" points=1
# ### Question 30
#
# What is regularization? Name examples beside dropout.

# %% [markdown] mark_scheme="q30"
# **Model answer.** Everything that is done in training in order to lower the error on *new* data, even at the price
# of a higher training error: it restricts or biases the solutions towards simpler or more stable ones and so works
# against overfitting (less variance for a little bias). Examples: L2 penalty (weight decay), L1, early stopping,
# augmentation, label smoothing, weight sharing, noise of small batches.
#
# **Marks (1).** ½ the aim, generalization against overfitting, not the fit of the training set; ½ two examples.
#
# "Adding a penalty to the loss" alone: ½, it is one way among others.

# %% [markdown] question="q31" points=1
# ### Question 31
#
# Give at least two ways to understand why dropout helps.

# %% [markdown] mark_scheme="q31"
# **Model answer.** *Ensemble:* each step trains another thinned network out of 2ⁿ that share their weights; the full
# network with rescaling approximates the average of their predictions. *No co-adaptation:* a neuron cannot count on
# particular others being there, so each must be useful in many contexts, and features become redundant and robust.
# *Noise:* multiplicative noise on the activations, an augmentation in feature space; for linear models it equals, on
# average, an L2 penalty scaled by the data.
#
# **Marks (1).** ½ for each of two readings that are explained and not only named (¼ if only named).

# %% [markdown] question="q32" points=1
# ### Question 32
#
# What effect does the rate $p$ between 0 and 1 have? What happens at both ends?

# %% [markdown] mark_scheme="q32"
# **Model answer.** p = 0: no dropout, no regularization. With growing p more noise: stronger regularization, slower
# learning, lower effective capacity, so that more epochs (or more neurons) are needed. Near 1 hardly any signal gets
# through, a few neurons scaled up by 1/(1 − p) make the gradient very noisy, and the network underfits; at p = 1
# nothing is passed on. In between there is an optimum that depends on the layer and the data, 0.5 being common for
# large fully-connected layers. With 1,000 neurons even 0.9 leaves 100.
#
# **Marks (1).** ½ more p, more regularization up to underfitting; ½ the ends, or the trade-off with capacity and time.

# %% [markdown] question="q33" points=0.5 expected={"q33_train": 3.75, "q33_test": 3.0, "q33_mean": 3.0} tolerance=0.001
# ### Question 33, numbers
#
# Inverted dropout with $p = 0.2$ acts on an activation of 3.0.
#
# - `q33_train`: its value in training if it is kept;
# - `q33_mean`: its mean in training, over the random draws;
# - `q33_test`: its value in evaluation.

# %% [markdown] mark_scheme="q33"
# 3.0 / (1 − 0.2) = 3.75; 0.8 · 3.75 = 3.0; 3.0. Common wrong answers: 15.0, divided by p (p and 1 − p exchanged); 3.0
# for a kept value, not rescaled, with 2.4 as the mean; 2.4 in evaluation, which belongs to the older form that scales
# in test and not in training.

# %% [markdown] question="q33w" points=0.5
# ### Question 33, in words
#
# How does a dropout layer behave in training, how in test, and why must the two differ?

# %% [markdown] mark_scheme="q33w"
# **Model answer.** Training: each entry is zeroed at random with probability p, anew for each example and step, and
# the kept ones are divided by 1 − p. Test: the identity, for a prediction should be deterministic and use the whole
# network; thanks to the rescaling the next layer gets inputs of the mean that it is used to, so that nothing has to
# be corrected.
#
# **Marks (½).** ¼ random in training, identity in test; ¼ the rescaling and its reason, the same mean. (Scaling by 1
# − p in test, as in the original paper, is right too if training does not rescale.)

# %% [markdown]
# And batch normalization, on raw and on standardized images:

# %%
normed = {"baseline": baseline, "standardized": reference}
normed["batch norm"] = run("batch norm", network=lambda: ConvNet(batch_norm=True))
normed["batch norm, standardized"] = run_standardized("both", network=lambda: ConvNet(batch_norm=True))

# %%
compare(normed, "training loss", title="Batch normalization: training")

# %%
compare(normed, "test accuracy", title="Batch normalization: test")

# %% [markdown] question="q34" points=1
# ### Question 34
#
# What does batch normalization change, in the speed of learning, in its stability, and in the
# distance between training and test? How much does standardization of the images still matter with it?

# %% [markdown] mark_scheme="q34"
# **Model answer.** It learns much faster from the first epoch on, without the plateau of the baseline, and bears
# larger learning rates: the inputs of each layer keep their scale, gradients neither vanish nor explode, the problem
# is better conditioned. On raw images it does, right after conv1, much of what standardization does for the input, so
# that standardizing matters less. The noise of the batch statistics regularizes a little, but the faster fit may
# overfit more and sooner: the published report finds that on CIFAR-10 it overfits more. Test curves may jump in early
# epochs, since the running averages lag behind the weights and small batches give noisy statistics.
#
# **Marks (1).** ½ faster and why; ½ a statement on training against test (or on stability, or standardization) that
# the figure bears out. With the reference solution and the default settings: after 6 epochs on raw images training
# 0.87 and test 0.72 (0.80 the epoch before), where the baseline has 0.65 and 0.52; on standardized ones 0.96 and
# 0.84, without batch norm 0.90 and 0.87: a faster fit, and a larger gap.

# %% [markdown]
# ### Dropout with standardization
#
# Finally, all four combinations: raw or standardized images, without and with dropout.

# %%
HALF = 0.5
both = {
    "baseline": baseline,
    "standardized": reference,
    "dropout": run("dropout", network=lambda: ConvNet(dropout=HALF)),
    "dropout, standardized": run_standardized("both", network=lambda: ConvNet(dropout=HALF)),
}

# %%
compare(both, "test accuracy", title=f"Dropout with p = {HALF}, raw and standardized: test")

# %%
for name, curves in both.items():
    gap = curves["training accuracy"][-1] - curves["test accuracy"][-1]
    print(f"{name:<24} test accuracy {curves['test accuracy'][-1]:.2f}, training minus test {gap:+.2f}")

# %% [markdown]
# **To discuss** (no points). The course reports that dropout with standardization overfits less than standardization
# alone and is better than the baseline. Do your curves say so too? If not: are there enough epochs for overfitting to
# begin? Then put together what helped (standardization, crops, decay, dropout, batch norm), give it time, and see how
# far this small network can go.
