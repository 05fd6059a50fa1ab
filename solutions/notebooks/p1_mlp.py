# %% [markdown]
# # Practical 1: Introduction to neural networks
#
# In this practical you build one small network four times. The first time everything is yours, the derivatives too. Then
# you hand over one part after the other: the derivatives to autograd, the layers and the loss to `torch.nn`, the step to
# `torch.optim`. The network stays the same, so that at each stage you can see what the library does in your place, and
# check that it does the same as you.
#
# How to work with this notebook:
#
# - An **exercise** is a cell with functions whose bodies are missing. Fill them in and run the cell. `check("...")`
#   below it grades what you have written and gives a reason for what is wrong. Run it as often as you like.
#   `check("...", hints=2)` also says where to look, and `check("...", hints=3)` gives the idea.
# - A **question** is answered in the cell below it: in words (three or four good sentences are better than a page), or by
#   assigning values to names. Such values are written out: `0.125`, not `1 / 8`; a tuple as `(2, 3)`; a choice as its
#   letter, `"A"`. `check("q04")` shows how the values that you gave to question 4 will be read.
# - All other cells are **experiments**. They use what you wrote in the exercise above them, so run the notebook from the
#   top. Change them, copy them, play with their numbers: nothing in them is graded.
#
# What an exercise or a question is worth stands below it; questions with a ★ weigh double.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from tqdm.auto import tqdm

from autograder.data.circles import load_circles
from autograder.data.mnist import load_mnist
from autograder.data.roots import data_roots
from autograder.notebooks import check, figures

torch.manual_seed(0)
torch.set_num_threads(1)  # these networks are so small that several threads would only wait for each other

# %% [markdown]
# ## 1. The problem
#
# Two noisy rings in the plane, one in the other. An example $x \in \mathbb{R}^2$ is a point, its class says which ring it
# belongs to, and the target $y$ is that class in *one-hot* form: $(1, 0)$ for the outer ring, $(0, 1)$ for the inner one.
# There are 200 points to learn from and 200 others to test on. No straight line separates the two classes.

# %%
circles = load_circles(data_roots(None))  # searches the folder that the environment variable AUTOGRADER_DATA names
train_set = circles.train_x, circles.train_y
test_set = circles.test_x, circles.test_y

fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharex=True, sharey=True, layout="constrained")
for ax, title, (X, Y) in zip(axes, ("training set", "test set"), (train_set, test_set)):
    for label, ring in enumerate(("outer ring", "inner ring")):
        points = X[Y[:, label] == 1]
        ax.scatter(points[:, 0], points[:, 1], s=12, label=f"class {label}, {ring}")
    ax.set(title=title, xlabel="$x_1$ (no unit)", ylabel="$x_2$ (no unit)", aspect="equal")
axes[1].legend(loc="upper right", fontsize="small")
plt.show()

# %% [markdown] question="q01" points=2
# ### Question 1 ★
#
# Data are usually split into a training, a validation and a test set. What is each of the three for? What goes wrong if
# two of these purposes share one set?

# %% [markdown] mark_scheme="q01"
# **Model answer.** The parameters are fitted on the *training* set. The *validation* set is used while we decide: it
# compares hyper-parameters (learning rate, size of the network, regularization) and says when to stop. The *test* set is
# used once, after all decisions, to estimate how well the final model does on new data. Whatever was used for fitting or
# for choosing gives too good a picture afterwards: training examples may have been memorized, and the winner of many
# trials on one set is partly the luckiest. So the sets must not overlap, nor may knowledge leak from one to another
# (duplicates, statistics for normalization computed on all data, several photographs of one patient in different sets).
#
# **Marks.** 0.5 for each of the three purposes; 0.5 for the reason why they have to be kept apart (an estimate made on
# data that were fitted or selected on is optimistic; leakage). No marks for sizes of splits alone.
#
# **Common errors.** "The test set is for tuning" (this is the validation set: no mark for either). "The validation set
# checks during training that the weights are updated properly" is too vague: 0.25.

# %% [markdown] question="q02" points=1
# ### Question 2
#
# What changes when the number of training examples $N$ grows? Think of the fit on the training set, of the performance on
# new data, and of the cost.

# %% [markdown] mark_scheme="q02"
# **Model answer.** With more examples the training set represents the distribution better: the learned function depends
# less on the particular sample (less variance), it is harder to memorize, and so the gap between training and test
# performance shrinks; training accuracy itself may go down a little. The gain diminishes: the estimation error falls
# roughly like $1/\sqrt N$, and what the model cannot express, or what is noise, stays. The cost of an epoch (and of
# collecting and labelling) grows in proportion to $N$. Quality counts as well: wrong labels, duplicates or examples from
# another distribution do not help.
#
# **Marks.** 0.5 for generalization or variance; 0.25 for the cost; 0.25 for a limit (diminishing returns, bias, quality).
#
# **Common errors.** "More data always raises the training accuracy": no mark for that part.

# %% [markdown]
# ## 2. The network
#
# Our network has one *hidden layer*. It computes, for one example written as a column $x$,
#
# $$
# \tilde h = W_h x + b_h, \qquad h = \tanh \tilde h, \qquad
# \tilde y = W_y h + b_y, \qquad \hat y = \mathrm{softmax}(\tilde y),
# $$
#
# where $x$ has $n_x$ numbers, $\tilde h$ and $h$ have $n_h$, and $\tilde y$ and $\hat y$ have $n_y$. The tanh is applied to
# each number; softmax couples all of them:
#
# $$
# \mathrm{softmax}(\tilde y)_i = \frac{\exp \tilde y_i}{\sum_j \exp \tilde y_j}.
# $$
#
# Weights are stored as (out, in): $W_h$ has $n_h$ rows and $n_x$ columns.

# %% [markdown] question="q03" points=1
# ### Question 3
#
# Suppose that we leave the tanh out, and even add further layers $W_3, W_4, \dots$ with biases but without activations.
# Which functions can such a network compute? Show it for two layers.

# %% [markdown] mark_scheme="q03"
# **Model answer.** $W_y (W_h x + b_h) + b_y = (W_y W_h)\, x + (W_y b_h + b_y)$ is an affine map again, and by induction any
# number of such layers is one. The network would be no more than a linear classifier (softmax regression): its decision
# boundaries are straight lines, and Circles cannot be solved. A non-linear activation between the layers is what makes the
# class of functions larger with each layer.
#
# **Marks.** 0.5 for the composition being affine, with the calculation; 0.5 for the consequence (only linear boundaries,
# depth brings nothing).
#
# **Common errors.** "The activation keeps values in a range" or "makes training faster": true of some activations, but not
# the reason asked for; no marks alone. "Linear" for "affine" is accepted.

# %% [markdown] question="q04" points=1 expected={"q04_nx": 2, "q04_nh": 4, "q04_ny": 2, "q04_parameters": 22} tolerance=0
# ### Question 4 ★: the sizes
#
# ```
#                ( h1 )
#     ( x1 )     ( h2 )     ( ŷ1 )
#     ( x2 )     ( h3 )     ( ŷ2 )
#                ( h4 )
# ```
#
# In this drawing each neuron is connected to all neurons of the next column. Give its sizes `q04_nx`, `q04_nh`, `q04_ny`,
# and the number of its parameters with the biases, `q04_parameters`.

# %% [markdown] mark_scheme="q04"
# **Answer.** $n_x = 2$, $n_h = 4$, $n_y = 2$. Parameters: $W_h$ has $4 \cdot 2 = 8$ and $b_h$ 4, $W_y$ has $2 \cdot 4 = 8$
# and $b_y$ 2, together 22. A frequent wrong answer is 16 (biases forgotten). In general $n_h (n_x + n_y + 1) + n_y$.

# %% [markdown] question="q04w" points=1
# ### Question 4 ★, continued: how they are chosen
#
# How is each of the three sizes chosen in practice, and how does the number of parameters grow with $n_h$?

# %% [markdown] mark_scheme="q04w"
# **Model answer.** $n_x$ is given by the data: the number of features of an example. $n_y$ is given by the task: the
# number of classes (one for a single real output). $n_h$ is ours: a hyper-parameter, chosen by comparing values on a
# validation set; too small a layer underfits, a large one costs more and may overfit. The network has
# $n_h (n_x + n_y + 1) + n_y$ parameters, which is *linear* in $n_h$.
#
# **Marks.** 0.25 each for $n_x$, $n_y$, and $n_h$ by validation; 0.25 for linear growth.
#
# **Common errors.** A published report says that parameters grow exponentially with the neurons of a layer: they do not
# (no mark for this part). Between two hidden layers of equal width the growth is quadratic; that may be added, but is not
# what is asked.

# %% [markdown] question="q05" points=1
# ### Question 5
#
# What do $\hat y$ and $y$ stand for, and what is their difference good for?

# %% [markdown] mark_scheme="q05"
# **Model answer.** $\hat y$ is what the network predicts for $x$: a distribution over the classes that depends on the
# parameters. $y$ is the target, the true class as a one-hot vector, which is part of the data. The loss measures how far
# apart they are; its gradient is what drives learning (with softmax and cross-entropy it is $\hat y - y$ at the scores:
# no difference, nothing to learn from this example).
#
# **Marks.** 0.25 each for $\hat y$ and $y$; 0.5 for the role of their difference in the loss and in its gradient.
#
# **Common errors.** "$\hat y$ is the predicted class": it is a distribution, and the class is its argmax; 0 of the 0.25.

# %% [markdown] question="q06" points=1
# ### Question 6
#
# Why is there a softmax at the output? Name the properties that make its result fit for a classifier.

# %% [markdown] mark_scheme="q06"
# **Model answer.** The scores $\tilde y$ are any real numbers. Softmax makes them positive and lets them sum to 1, so that
# they can be read as the probabilities of classes that exclude each other; it keeps their order; and it is differentiable
# everywhere, unlike argmax, so that gradients can pass. It is the multi-class form of the sigmoid, and only the
# differences of the scores count.
#
# **Marks.** 0.5 for positive and sum 1, hence a distribution over exclusive classes; 0.5 for differentiable, a smooth
# form of the argmax.
#
# **Common errors.** "It makes the largest output 1": only in a limit. "It is needed for the classification": the argmax of
# the scores is the same; it is needed for the loss. An answer that applies to independent labels (several may be true)
# describes the sigmoid.

# %% [markdown]
# ### A whole batch at once
#
# In code there is never one example. A batch of $N$ is a matrix $X$ with an example in each **row**, $N \times n_x$, and so
# are all the others: $\tilde H$ and $H$ ($N \times n_h$), $\tilde Y$ and $\hat Y$ ($N \times n_y$). With rows in place of
# columns, $W_h x$ turns into a product with a transpose: which one, you can find from the shapes alone.

# %% [markdown] question="q07" points=1 expected={"q07_equations": "C", "q07_Wh_shape": [10, 2], "q07_htilde_shape": [32, 10], "q07_ytilde_shape": [32, 3], "q07_h": 0.761594} tolerance=0.001
# ### Question 7
#
# Which of these is the forward pass for a batch $X$, one example in each row? Assign the letter to `q07_equations`.
#
# - **A.** $\tilde H = W_h X + b_h$, $\;H = \tanh \tilde H$, $\;\tilde Y = W_y H + b_y$, $\;\hat Y$ = softmax of each column
#   of $\tilde Y$
# - **B.** $\tilde H = X W_h + b_h$, $\;H = \tanh \tilde H$, $\;\tilde Y = H W_y + b_y$, $\;\hat Y$ = softmax of each row of
#   $\tilde Y$
# - **C.** $\tilde H = X W_h^\top + b_h$, $\;H = \tanh \tilde H$, $\;\tilde Y = H W_y^\top + b_y$, $\;\hat Y$ = softmax of
#   each row of $\tilde Y$
# - **D.** $\tilde H = X W_h^\top + b_h$, $\;H = \tanh \tilde H$, $\;\tilde Y = \tanh(H W_y^\top + b_y)$, $\;\hat Y$ = softmax
#   of each row of $\tilde Y$
#
# Then, for a batch of 32 examples with $n_x = 2$, $n_h = 10$, $n_y = 3$, give the shapes of $W_h$, $\tilde H$ and
# $\tilde Y$ as tuples: `q07_Wh_shape`, `q07_htilde_shape`, `q07_ytilde_shape`.
#
# Finally, a number. A hidden neuron has the weights $(2, -1)$ and the bias $0.5$. What is its $h$ for $x = (1, 1.5)$?
# Assign `q07_h`, to three decimal places.

# %% [markdown] mark_scheme="q07"
# **Answer.** C. A has the examples in columns, B the weights as (in, out), D a second tanh that keeps the scores in
# $(-1, 1)$ and so the probabilities away from 0 and 1. Shapes: $(10, 2)$, $(32, 10)$, $(32, 3)$.
# $\tilde h = 2 \cdot 1 - 1 \cdot 1.5 + 0.5 = 1$ and $h = \tanh 1 = 0.762$. (1.0: the tanh was forgotten. 0.462: the bias
# was, $\tanh 0.5$.)

# %% [markdown]
# ## 3. The loss
#
# A loss $\ell(y, \hat y)$ says in one number how bad a prediction is. Two are in use everywhere:
#
# $$
# \ell_{\text{CE}}(y, \hat y) = -\sum_i y_i \log \hat y_i \quad \text{(cross-entropy)}, \qquad
# \ell_{\text{SE}}(y, \hat y) = \tfrac12 \sum_i (y_i - \hat y_i)^2 \quad \text{(squared error)}.
# $$
#
# What is minimized is the **mean** over the examples, $L = \frac1N \sum_n \ell(y^{(n)}, \hat y^{(n)})$.

# %% [markdown] question="q08" points=1
# ### Question 8
#
# For each of the two losses: in which direction does $\hat y_i$ have to move for the loss to decrease? Argue with the
# derivative with respect to $\hat y_i$.

# %% [markdown] mark_scheme="q08"
# **Model answer.** Towards $y$, in both. Cross-entropy: $\partial \ell / \partial \hat y_i = -y_i / \hat y_i$. It is negative
# for the true class, whose probability has to rise, the more urgently the smaller it is; for the other classes it is 0,
# but since the probabilities sum to 1 they have to fall when the true one rises. Squared error:
# $\partial \ell / \partial \hat y_i = \hat y_i - y_i$, so $\hat y_i$ has to rise where it is below $y_i$ and to fall where
# it is above, with a force in proportion to the distance.
#
# **Marks.** 0.5 for each loss: 0.25 for the derivative, 0.25 for the direction. Without the factor ½ the second derivative
# is $2(\hat y_i - y_i)$: accepted if the square was written without it.
#
# **Common errors.** $-\hat y_i / y_i$, or the sign lost. $\hat y - y$ given for the cross-entropy: this is the derivative
# with respect to the *scores*; no mark for that part.

# %% [markdown] question="q09" points=1
# ### Question 9
#
# Which of the two losses suits classification and which suits regression, and why?

# %% [markdown] mark_scheme="q09"
# **Model answer.** Cross-entropy for classification. It is the negative log-likelihood of the true class, so minimizing it
# is maximum likelihood for a categorical variable; a confident error costs without bound; and together with softmax its
# gradient at the scores is $\hat y - y$, which does not vanish while the prediction is wrong. With the squared error on
# probabilities the gradient carries the softmax's derivative as a factor, which is almost 0 when the network is sure and
# wrong: learning stalls. Squared error for regression, where targets are real numbers: it is a distance, and the negative
# log-likelihood under normal noise of constant variance.
#
# **Marks.** 0.25 for each assignment; 0.25 for each reason.
#
# **Common errors.** "Because the squared error is for numbers, and classes are no numbers": 0.25 for the assignment only.
# "The squared error cannot be used for classification": it can (Brier score), it learns more slowly.

# %% [markdown]
# ## 4. Descent
#
# The parameters $\theta = (W_h, b_h, W_y, b_y)$ are improved step by step, against the gradient:
#
# $$
# \theta \leftarrow \theta - \eta \, \nabla_\theta L .
# $$
#
# $\eta$ is the *learning rate*. The mean $L$ may be taken over all the examples, over a few that are drawn at random (a
# *mini-batch*), or over a single one. One pass over all the examples is an *epoch*.

# %% [markdown] question="q10" points=1
# ### Question 10
#
# Compare gradient descent on all the examples, on mini-batches and on single examples (online): what does a step cost, how
# noisy is it, how stable is the descent? Which one is reasonable in general?

# %% [markdown] mark_scheme="q10"
# **Model answer.** *Full batch*: the exact gradient and a smooth, stable descent, but a step costs a pass over all $N$
# examples, and all of them are needed in memory or in several passes; few steps an epoch. *Online*: a step is $N$ times
# cheaper and there are $N$ steps an epoch, but its direction is very noisy: the loss jumps and does not settle at a
# constant learning rate; hardware that computes in parallel is left idle. *Mini-batch*: the gradient is still unbiased, its
# variance is smaller by the batch size, and a batch is computed about as fast as one example on parallel hardware. So
# mini-batches are used in general. Some noise is welcome: it can leave flat regions and poor minima.
#
# **Marks.** 0.25 for each of the three, cost and noise both; 0.25 for mini-batch with a reason.
#
# **Common errors.** "Online is fastest": a step is, an epoch is not.

# %% [markdown]
# **Question 11** is about the effect of the learning rate. It waits until you can measure it, in section 6.
#
# ### Where the gradient comes from
#
# The loss is a long composition of functions: $L = \ell \circ f_K \circ \dots \circ f_2 \circ f_1$. By the chain rule the
# gradient for the parameters of layer $k$ is a product of the local derivatives of all the layers above it. *Backpropagation*
# computes these products from the loss downwards, and keeps each of them for the layer below.

# %% [markdown] question="q12" points=2
# ### Question 12 ★
#
# A network has $K$ layers of the same size. Compare what it costs to compute the gradients of all the layers if the chain
# rule is written out for each layer anew (naive), and with backpropagation. How does the cost depend on the layer, and on
# $K$?

# %% [markdown] mark_scheme="q12"
# **Model answer.** Take one multiplication by a layer's local derivative as the unit. *Naive*: the gradient of layer $k$
# needs the $K - k + 1$ factors between it and the loss, so the first layers are the most expensive, and all together cost
# $\sum_k (K - k + 1) = K(K+1)/2$, which is quadratic in the depth. If even the sums over paths through single neurons are
# written out, it is exponential: $n^K$ paths. (Finite differences cost a forward pass for every parameter.)
# *Backpropagation*: the product $\delta_k$ that arrives at layer $k$ is the one from layer $k+1$ times one more local
# derivative. Each local derivative is used once, each layer costs the same, and the whole is linear in $K$: about two
# forward passes' worth of work, since each layer needs one product for its parameters and one for its input. The price is
# memory: activations of the forward pass are kept.
#
# **Marks.** 1 for the naive way: 0.5 for the growth towards the first layers, 0.5 for quadratic or worse in all. 1 for
# backpropagation: 0.5 for linear, 0.5 for the reason, that the products are shared.
#
# **Common errors.** "Backpropagation is an approximation": it is exact; at most 0.5 for that half. "The naive way is linear
# too": no mark for that half.

# %% [markdown] question="q13" points=1
# ### Question 13
#
# Which conditions must an architecture meet so that its gradients can be computed by backpropagation?

# %% [markdown] mark_scheme="q13"
# **Model answer.** It must be a directed acyclic graph of operations, each of which is differentiable (almost everywhere is
# enough: ReLU and max pooling do) with a derivative that we can compute. Then the nodes can be visited in reverse
# topological order, and where a value is used more than once its gradients are added. Recurrent networks meet this after
# unrolling over the time steps: backpropagation through time. (For learning, the derivatives should also not be zero
# almost everywhere, as those of a step function or an argmax are.)
#
# **Marks.** 0.5 for differentiable almost everywhere; 0.5 for a graph without cycles. Skip connections, branches and shared
# weights are allowed.
#
# **Common errors.** "Layers must follow each other in a chain", or "recurrent networks are impossible" (some published
# reports exclude them): 0.25 in place of 0.5 for the graph.

# %% [markdown]
# ## 5. Softmax and cross-entropy, once and for all
#
# Put the softmax into the cross-entropy and something pleasant happens. Written with the scores $\tilde y$, the
# exponentials and the logarithm all but cancel, both in the loss and in its gradient. The next two questions are this
# calculation; the first exercise is its result in code.

# %% [markdown] question="q14" points=0.5 expected={"q14_loss": 1.386294, "q14_form": "D", "q14_property": "B"} tolerance=0.001
# ### Question 14: the loss of scores
#
# Insert $\hat y = \mathrm{softmax}(\tilde y)$ into $\ell = -\sum_i y_i \log \hat y_i$. What comes out? Assign `q14_form`.
#
# - **A.** $\ell = -\sum_i y_i \tilde y_i + \sum_i \exp \tilde y_i$
# - **B.** $\ell = -\sum_i y_i \log \tilde y_i$
# - **C.** $\ell = \sum_i y_i \tilde y_i - \log \sum_i \exp \tilde y_i$
# - **D.** $\ell = -\sum_i y_i \tilde y_i + \log \sum_i \exp \tilde y_i$
#
# Which property of $y$ is used on the way? Assign `q14_property`.
#
# - **A.** All $y_i$ are 0 or 1.
# - **B.** $\sum_i y_i = 1$.
# - **C.** $y$ is the argmax of $\hat y$.
# - **D.** The components of $y$ are independent.
#
# Compute the loss of the scores $\tilde y = (0, \log 3)$ for the target $y = (1, 0)$, to three decimal places: `q14_loss`.

# %% [markdown] mark_scheme="q14"
# **Answer.** D; B (a target need not be one-hot: smoothed ones such as $(0.9, 0.1)$ obey the same formula);
# $\ell = -0 + \log(1 + 3) = 1.386$. 0.288 is the loss for the other class.

# %% [markdown] question="q14w" points=0.5
# ### Question 14, continued: the calculation
#
# Write the calculation out, and say where the property of $y$ is used.

# %% [markdown] mark_scheme="q14w"
# **Model answer.**
#
# $$
# \ell = -\sum_i y_i \log \frac{\exp \tilde y_i}{\sum_j \exp \tilde y_j}
#      = -\sum_i y_i \Bigl( \tilde y_i - \log \sum_j \exp \tilde y_j \Bigr)
#      = -\sum_i y_i \tilde y_i + \Bigl( \sum_i y_i \Bigr) \log \sum_j \exp \tilde y_j ,
# $$
# and the factor in front of the last logarithm is $\sum_i y_i = 1$.
#
# **Marks.** 0.25 for the logarithm of the quotient with the inner sum kept apart from $i$; 0.25 for $\sum_i y_i = 1$ at the
# right place.
#
# **Common errors.** One index $i$ for both sums, so that terms are cancelled that must not be: 0.

# %% [markdown] question="q15" points=1 expected={"q15_gradient": "A", "q15_values": [-0.75, 0.75]} tolerance=0.001
# ### Question 15: its gradient
#
# What is the derivative of that loss with respect to the scores, $\partial \ell / \partial \tilde y_i$, for one example?
# Assign `q15_gradient`.
#
# - **A.** $\hat y_i - y_i$
# - **B.** $-y_i / \hat y_i$
# - **C.** $y_i - \hat y_i$
# - **D.** $\hat y_i (1 - \hat y_i) (\hat y_i - y_i)$
#
# Compute it for the example of question 14, $\tilde y = (0, \log 3)$ and $y = (1, 0)$, as a tuple: `q15_values`.

# %% [markdown] mark_scheme="q15"
# **Answer.** A: $\partial_i \bigl( -\sum_j y_j \tilde y_j \bigr) = -y_i$ and
# $\partial_i \log \sum_j \exp \tilde y_j = \exp \tilde y_i / \sum_j \exp \tilde y_j = \hat y_i$. With
# $\hat y = (\tfrac14, \tfrac34)$: $(-0.75, 0.75)$; the entries sum to 0, as they always do. B is the derivative with respect
# to $\hat y$, C the direction of the step, D what a sigmoid with the squared error would give.

# %% [markdown]
# ### Exercise: `softmax_cross_entropy`
#
# Three functions, and one danger. `exp(1000)` is infinite in floating point, and infinity divided by infinity is not a
# number. But softmax does not change when the same constant $c$ is added to all the scores of an example,
#
# $$
# \frac{\exp(\tilde y_i + c)}{\sum_j \exp(\tilde y_j + c)} = \frac{e^c \exp \tilde y_i}{e^c \sum_j \exp \tilde y_j},
# $$
#
# and you may choose $c$ so that nothing overflows. The same trick helps the logarithm of the sum in the loss. And mind the
# **mean**: of the loss over the batch, and therefore in its gradient as well.

# %% exercise="softmax_cross_entropy"

# %%
check("softmax_cross_entropy")

# %% [markdown]
# How does the loss see a prediction? With two classes only the difference of the scores counts. Compare the two losses,
# and above all their slopes on the left, where the network is sure of itself and wrong (question 9).

# %%
difference = torch.linspace(-8, 8, 161)  # score of the right class minus score of the wrong one
scores = torch.stack([difference, torch.zeros_like(difference)], dim=1)
right = torch.tensor([[1.0, 0.0]])
probability = softmax(scores)[:, 0]

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(difference, [float(cross_entropy(row[None], right)) for row in scores], label="cross-entropy (nats)")
ax.plot(difference, (1 - probability) ** 2, label="squared error (no unit)")
ax.plot(difference, probability, ":", color="grey", label="probability of the right class")
ax.set(xlabel="score of the right class − score of the wrong one (no unit)", ylabel="loss of one example")
ax.legend()
plt.show()

# %% [markdown]
# ## 6. The network by hand
#
# ### The way back through the layers
#
# Now the gradient goes on, from the scores to the parameters. For one example, with vectors written as **rows** and
# $\nabla_{\tilde y} = \hat y - y$, the chain rule is needed for only two kinds of functions.
#
# *An affine map* $\tilde y = h W_y^\top + b_y$: the score $\tilde y_i = \sum_j W_{y,ij} h_j + b_{y,i}$ depends on $W_{y,ij}$
# through $h_j$ alone, on $b_{y,i}$ with slope 1, and on $h_j$ through all the $W_{y,ij}$. So
#
# $$
# \frac{\partial \ell}{\partial W_{y,ij}} = \nabla_{\tilde y, i} \; h_j, \qquad
# \frac{\partial \ell}{\partial b_{y,i}} = \nabla_{\tilde y, i}, \qquad
# \frac{\partial \ell}{\partial h_j} = \sum_i \nabla_{\tilde y, i} \; W_{y,ij} .
# $$
#
# *A function of each number*, $h_j = \tanh \tilde h_j$: multiply by its slope there. It helps that the slope of the tanh can
# be written with $h$ itself.
#
# A parameter serves every example of a batch, so it collects from every example: in matrix form, the product over the batch
# axis is that sum. If $\nabla_{\tilde Y}$ is the gradient of the *mean* loss, its rows already hold the factor $1/N$, and the
# factor appears nowhere else.

# %% [markdown] question="q16" points=1 expected={"q16_gradient": "B", "q16_Wy": [[0.125, 0.25], [-0.125, -0.25]], "q16_by": [0.125, -0.125]} tolerance=0.001
# ### Question 16: the output layer
#
# Which is the gradient for $W_y$, with batches as rows? Assign `q16_gradient`.
#
# - **A.** $H^\top \, \nabla_{\tilde Y}$
# - **B.** $(\nabla_{\tilde Y})^\top H$
# - **C.** $\nabla_{\tilde Y} \, H^\top$
# - **D.** $(\nabla_{\tilde Y})^\top \tilde H$
#
# A batch of two examples has
#
# $$
# H = \begin{pmatrix} 0.2 & -0.4 \\ 0.6 & 0.8 \end{pmatrix}, \qquad
# \hat Y = \begin{pmatrix} 0.75 & 0.25 \\ 0.5 & 0.5 \end{pmatrix}, \qquad
# Y = \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} .
# $$
#
# Compute the gradients of the **mean** loss: `q16_Wy` as a tuple of rows, `((a, b), (c, d))`, and `q16_by` as a tuple.

# %% [markdown] mark_scheme="q16"
# **Answer.** B, of the shape $(n_y, n_h)$ of $W_y$ (A is its transpose, C is $N \times N$, D uses the values before the
# tanh). $\nabla_{\tilde Y} = (\hat Y - Y)/2 = \begin{pmatrix} -0.125 & 0.125 \\ 0.25 & -0.25 \end{pmatrix}$, so that
# $\nabla_{W_y} = \begin{pmatrix} 0.125 & 0.25 \\ -0.125 & -0.25 \end{pmatrix}$ and $\nabla_{b_y} = (0.125, -0.125)$.
# Answers twice as large are the gradient of the sum, the most common error of this practical.

# %% [markdown] question="q17" points=2 expected={"q17_hidden": "D", "q17_weights": "A", "q17_htilde": [-0.75, 0.54], "q17_Wh": [[-1.5, 0.75], [1.08, -0.54]], "q17_bh": [-0.75, 0.54]} tolerance=0.001
# ### Question 17 ★: the hidden layer
#
# Which is $\nabla_{\tilde H}$? Here $\odot$ multiplies entry by entry. Assign `q17_hidden`.
#
# - **A.** $(1 - H) \odot (\nabla_{\tilde Y} \, W_y)$
# - **B.** $(1 - \tilde H^2) \odot (\nabla_{\tilde Y} \, W_y)$
# - **C.** $(1 - H^2) \odot (\nabla_{\tilde Y} \, W_y^\top)$
# - **D.** $(1 - H^2) \odot (\nabla_{\tilde Y} \, W_y)$
#
# And which is $\nabla_{W_h}$? Assign `q17_weights`.
#
# - **A.** $(\nabla_{\tilde H})^\top X$
# - **B.** $(\nabla_{\tilde H})^\top H$
# - **C.** $X^\top \, \nabla_{\tilde H}$
# - **D.** $(\nabla_{\tilde Y})^\top X$
#
# Compute both for a single example ($N = 1$) with
#
# $$
# x = (2, -1), \qquad h = (0.5, 0.8), \qquad \nabla_{\tilde y} = (0.5, -0.5), \qquad
# W_y = \begin{pmatrix} 1 & 2 \\ 3 & -1 \end{pmatrix} :
# $$
#
# `q17_htilde` (a tuple), `q17_Wh` (a tuple of rows) and `q17_bh` (a tuple).

# %% [markdown] mark_scheme="q17"
# **Answer.** D and A. $\nabla_{\tilde y} W_y = (0.5 \cdot 1 - 0.5 \cdot 3,\; 0.5 \cdot 2 + 0.5 \cdot 1) = (-1, 1.5)$;
# $1 - h^2 = (0.75, 0.36)$; so $\nabla_{\tilde h} = (-0.75, 0.54)$, $\nabla_{b_h}$ is the same (for a batch: summed over the
# examples), and $\nabla_{W_h} = (\nabla_{\tilde h})^\top x$ has the rows $(-1.5, 0.75)$ and $(1.08, -0.54)$.
#
# **Common errors.** $W_y^\top$ in place of $W_y$ gives $\nabla_{\tilde y} W_y^\top = (-0.5, 2)$ and passes unnoticed here,
# where $n_h = n_y$: different shapes would have revealed it. $1 - h$ in place of $1 - h^2$ gives $(-0.5, 0.3)$.

# %% [markdown]
# ### Exercise: `mlp_by_hand`
#
# Now you have everything: the parameters, the forward pass, the loss, the backward pass, the step, and the loop around them.
# Write them in this order, and run the check in between: it grades each function on its own.
#
# Two small traps. In the loss, $0 \cdot \log 0$ should be 0, and is not, to a computer. And each epoch should visit every
# example exactly once, in a new random order, the last and shorter batch included.

# %% exercise="mlp_by_hand"

# %%
check("mlp_by_hand")

# %% [markdown]
# ### Do you trust your gradient?
#
# Anyone can make an error in a derivative. There is a test that needs no derivative at all: move one parameter a little up
# and a little down, and see how much the loss changes,
#
# $$
# \frac{\partial L}{\partial \theta} \approx \frac{L(\theta + \varepsilon) - L(\theta - \varepsilon)}{2 \varepsilon} .
# $$
#
# This costs two forward passes for each parameter, so it is of no use for learning (question 12), but it is a good judge.
# In float64, with $\varepsilon = 10^{-5}$, about ten digits should agree.


# %%
def central_differences(params, name, X, Y, epsilon=1e-5):
    """The gradient of the mean loss with respect to one parameter, from the loss alone."""
    gradient = torch.zeros_like(params[name])
    for i in range(gradient.numel()):
        losses = []
        for move in (epsilon, -epsilon):
            moved = {key: value.clone() for key, value in params.items()}
            moved[name].view(-1)[i] += move
            yhat, _ = forward(moved, X)
            losses.append(float(loss_accuracy(yhat, Y)[0]))
        gradient.view(-1)[i] = (losses[0] - losses[1]) / (2 * epsilon)
    return gradient


params = {name: value.double() for name, value in init_params(2, 10, 2).items()}
X, Y = circles.train_x[::20].double(), circles.train_y[::20].double()
_, outputs = forward(params, X)
grads = backward(params, outputs, Y)
figures.gradient_error_map(grads["Wh"], central_differences(params, "Wh", X, Y))

# %% [markdown]
# ### Learning
#
# Your `train` returns the trained parameters, but nothing about the way there. But given a generator, its result depends
# only on the generator. So training for 10 epochs and then, from the same seed, for 20, gives two moments of *one* descent,
# and we can watch it without changing your code. The function below works for all four versions of the network: `evaluate`
# tells it how to measure.


# %%
def moments(train, evaluate, epochs, sets=(train_set, test_set), **options):
    """Calls `train` for each of these numbers of epochs, always from the same seed, and records what it reaches.

    `evaluate(trained, X, Y)` returns (mean loss in nats, accuracy). The record has a list with a number for each moment under
    "epoch", "train loss", "test loss", "train accuracy", "test accuracy"; "trained" is the last result.
    """
    record = {"epoch": list(epochs)}
    for count in tqdm(epochs, unit="training", leave=False):
        torch.manual_seed(0)
        trained = train(*sets[0], epochs=count, generator=torch.Generator().manual_seed(0), **options)
        for name, (X, Y) in zip(("train", "test"), sets):
            for what, value in zip(("loss", "accuracy"), evaluate(trained, X, Y)):
                record.setdefault(f"{name} {what}", []).append(float(value))
    return {**record, "trained": trained}


def show_record(record, title):
    """The loss and the accuracy on both sets, over the epochs."""
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
    for ax, what, unit in zip(axes, ("loss", "accuracy"), ("nats", "fraction")):
        for name, marker in (("train", "o-"), ("test", "^--")):
            ax.plot(record["epoch"], record[f"{name} {what}"], marker, markersize=4, label=name)
        ax.set(xlabel="epoch", ylabel=f"{what} ({unit})")
        ax.legend()
    fig.suptitle(title)
    plt.show()


epochs = (0, 10, 20, 30, 50, 80, 150)
final = {}  # what each version reaches, for the comparison at the end


# %%
def evaluate_by_hand(params, X, Y):
    return loss_accuracy(forward(params, X)[0], Y)


record = moments(train, evaluate_by_hand, epochs)
params = record["trained"]
final["by hand"] = record["train accuracy"][-1], record["test accuracy"][-1]
show_record(record, "by hand, η = 0.1, batches of 10")

# %%
figures.decision_boundary(lambda points: forward(params, points)[0], *test_set, title="by hand: the test set")

# %% [markdown]
# **To discuss.** The rings overlap: the best possible boundary, a circle, gets about 95% of these points right. How close
# do you come? Is there overfitting? How many hidden neurons does it take (try 2, 3, 4, 100)? What shape does the boundary
# have where there are no examples, and why?
#
# ### The learning rate, alone and with the batch size
#
# First the learning rate alone, with batches of 10. The network starts from the same parameters each time. The axis of the
# loss is logarithmic, so that the run that fails fits in; a network that knows nothing has a loss of $\log 2 \approx 0.69$.


# %%
def study(etas, batch_sizes, epochs=(0, 5, 10, 20, 40, 100), summed=False):
    """{(eta, batch size): record}. `summed`: eta applies to the gradient of the sum over a batch, not of its mean."""
    return {
        (eta, size): moments(train, evaluate_by_hand, epochs, eta=eta * size if summed else eta, batch_size=size)
        for eta in etas
        for size in batch_sizes
    }


def show_study(records, title):
    """The training loss of each run, over the epochs; a panel for each learning rate if there are several batch sizes."""
    by_eta = len({batch_size for _, batch_size in records}) > 1
    panels = sorted({eta for eta, _ in records}) if by_eta else [None]
    size = (5.5 * len(panels), 3.5)
    _, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for ax, panel in zip(axes[0], panels):
        for (eta, batch_size), record in records.items():
            if panel in (None, eta):
                label = f"batch {batch_size}" if by_eta else f"η = {eta}"
                ax.semilogy(record["epoch"], record["train loss"], "o-", markersize=4, label=label)
        ax.set(xlabel="epoch", ylabel="training loss (nats)", title=f"{title}, η = {panel}" if by_eta else title)
        ax.legend()
    plt.show()


learning_rates = study(etas=(0.01, 0.1, 1.0, 10.0), batch_sizes=(10,))
show_study(learning_rates, "batches of 10")

# %% [markdown]
# Now two learning rates with three batch sizes. The gradient is that of the mean over the batch, as everywhere in this
# practical.

# %%
means = study(etas=(0.01, 0.1), batch_sizes=(20, 10, 5))
show_study(means, "gradient of the mean")

# %% [markdown]
# Smaller batches seem to win clearly. Before you believe it, look at what one epoch does. With the mean, an epoch of $N$
# examples in batches of $B$ makes $N / B$ steps of length $\eta$: half the batch size is twice as many steps. If one steps
# along the gradient of the **sum** over the batch, a step is $B$ times longer, and as long as the gradient hardly changes
# during an epoch, the epoch comes to the same whatever $B$ is. Older material for this practical seems to use the sum; the
# same $\eta$ then means a step $B$ times larger than here. Once more, with the sum:

# %%
sums = study(etas=(0.01, 0.1), batch_sizes=(20, 10, 5), summed=True)
show_study(sums, "gradient of the sum")
for (eta, batch_size), record in sums.items():
    same = f"η = {eta} with the sum is {eta * batch_size:.2g} with the mean"
    print(f"batch {batch_size:2}: {same}; test accuracy {record['test accuracy'][-1]:.3f}")

# %% [markdown] question="q11" points=2
# ### Question 11 ★
#
# What does the learning rate do? Describe what you see in the figures above for rates that are too small, fitting, and too
# large, say how the learning rate interacts with the batch size (why is "smaller batches are better" not a fair conclusion
# from the second figure alone?), and how one can have the advantages of large and of small rates in one training.

# %% [markdown] mark_scheme="q11"
# **Model answer.** *Too small* (0.01 here): the loss falls so slowly that it has hardly moved from $\log 2$ after many
# epochs. *Fitting* (0.1 to 1): a fast and steady descent. *Too large* (10): steps jump over the minimum; the loss
# oscillates, goes up, and may diverge or get stuck where the tanh is saturated. With the mean, an epoch makes $N/B$ steps
# of length about $\eta$, so its progress goes with $\eta / B$: smaller batches got further because they made more steps,
# not because they are better; at the same number of steps, or with $\eta$ in proportion to $B$, the difference is gone.
# With the gradient of the sum at $\eta = 0.01$ the three curves lie on each other; at 0.1 the largest batch, which is a
# rate of 2 for the mean, is the most unstable. Small batches also bring more noise. *Schedules* (step or exponential
# decay, warm-up, cosine) begin with large steps and end with small ones; adaptive methods such as Adam scale the step for
# each parameter.
#
# **Marks.** 0.5 for too small and fitting; 0.5 for too large (oscillation or divergence, seen in a figure); 0.5 for the
# confounding with the batch size (number of steps, or sum against mean); 0.5 for schedules or adaptive rates.
#
# **Common errors.** "A small learning rate is safer and gets there in the end": 0.25 of the first 0.5, since it costs time
# and can stay on plateaus. "Smaller batches are better", as reports on this practical conclude: no mark for the third part.

# %% [markdown]
# ## 7. Derivatives from autograd
#
# You never have to derive again. PyTorch records each operation on a tensor that `requires_grad`; `L.backward()` goes
# through this record from the end to the beginning, as you did, and stores in each parameter's `.grad` the gradient
# $\partial L / \partial \theta$. Keep three things in mind:
#
# - It **adds** to what is in `.grad` already, so gradients must be cleared before the next step.
# - It arrives only at **leaves**: tensors that were created, not computed from other recorded tensors.
# - The step itself must not be recorded: `torch.no_grad()`.
#
# Before your functions get new bodies under the same names, we keep the old backward pass, for a comparison.

# %%
backward_by_hand = backward

# %% [markdown]
# ### Exercise: `mlp_autograd`
#
# The same network; the function `backward` is gone.

# %% exercise="mlp_autograd"

# %%
check("mlp_autograd")

# %% [markdown]
# Two ways to the same gradient: yours and PyTorch's. Only rounding should be left, about $10^{-7}$ in float32.

# %%
params = init_params(2, 10, 2)
yhat, outputs = forward(params, circles.train_x)
loss_accuracy(yhat, circles.train_y)[0].backward()
with torch.no_grad():
    grads = backward_by_hand(params, outputs, circles.train_y)
figures.gradient_error_map(grads["Wh"], params["Wh"].grad)


# %%
def evaluate_autograd(params, X, Y):
    with torch.no_grad():
        return loss_accuracy(forward(params, X)[0], Y)


record = moments(train, evaluate_autograd, epochs)
params = record["trained"]
final["autograd"] = record["train accuracy"][-1], record["test accuracy"][-1]
show_record(record, "autograd, η = 0.1, batches of 10")


# %%
def predict(points):
    with torch.no_grad():
        return forward(params, points)[0]


figures.decision_boundary(predict, *test_set, title="autograd: the test set")

# %% [markdown]
# ## 8. Layers and losses from `torch.nn`
#
# An `nn.Linear(n_in, n_out)` holds a weight (out, in) and a bias, and computes $x W^\top + b$. Layers in a row are an
# `nn.Sequential`, and a model knows all its parameters. The loss is ready-made too, and here lies the one trap of this
# exercise: `nn.CrossEntropyLoss` takes **scores**. It is the function of your first exercise, softmax included. With a
# softmax in the network as well there would be two in a row; nothing crashes, it just learns badly.
#
# ### Exercise: `mlp_nn`

# %% exercise="mlp_nn"

# %%
check("mlp_nn")

# %% [markdown]
# What does the trap cost? Below is the loss of one example, as the score of its right class grows, once with scores given to
# the loss, and once with their softmax. In the second case even a perfect prediction keeps a loss of
# $\log(1 + e^{-1}) \approx 0.31$, and on the left, where the network is sure and wrong, there is no slope to learn from.

# %%
_, loss = init_model(2, 10, 2)
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for label, line, read in (
    ("scores", "-", lambda s: s),
    ("softmax of the scores", "--", lambda s: torch.softmax(s, dim=1)),
):
    ax.plot(difference, [float(loss(read(row[None]), right)) for row in scores], line, label=label)
ax.set(xlabel="score of the right class − score of the wrong one (no unit)", ylabel="loss of one example (nats)")
ax.legend(title="given to the loss")
plt.show()


# %%
def evaluate_nn(model, X, Y):
    with torch.no_grad():
        return loss_accuracy(loss, model(X), Y)


record = moments(train, evaluate_nn, epochs)
model = record["trained"]
final["nn"] = record["train accuracy"][-1], record["test accuracy"][-1]
show_record(record, "nn, η = 0.1, batches of 10")

# %%
figures.decision_boundary(lambda points: model(points).detach(), *test_set, title="nn: the test set")

# %% [markdown]
# ## 9. Steps from `torch.optim`
#
# The last part goes to the library. An optimizer is built with the parameters that it is to move; `optim.step()` moves
# them by the gradients that it finds, and `optim.zero_grad()` clears these. With `torch.optim.SGD` this is your own step.
# The loop is left, and it is the loop of all networks of this course.
#
# ### Exercise: `mlp_optim`

# %% exercise="mlp_optim"

# %%
check("mlp_optim")

# %%
record = moments(train, evaluate_nn, epochs)  # measured with the loss and the accuracy of the last exercise
model = record["trained"]
final["optim"] = record["train accuracy"][-1], record["test accuracy"][-1]
show_record(record, "optim, η = 0.1, batches of 10")

# %%
figures.decision_boundary(lambda points: model(points).detach(), *test_set, title="optim: the test set")

# %% [markdown]
# The four versions side by side. With 200 test points one of them is half a percent, so differences of a percent or two
# between the rows are chance: other initial values, another order of the examples.

# %%
print(f"{'version':10}  train accuracy  test accuracy")
for version, (on_train, on_test) in final.items():
    print(f"{version:10}  {on_train:14.3f}  {on_test:13.3f}")

# %% [markdown]
# ## 10. Digits
#
# Nothing in your code knows that the inputs are points. An image of $28 \times 28$ pixels is a vector of 784 numbers, and
# the network takes it with $n_x = 784$ and $n_y = 10$. Here are 4,000 handwritten digits to learn from and 1,000 to test
# on. (`"full"` in place of `"fast"` loads all 70,000 of MNIST, if they are on this machine or can be downloaded.)

# %%
digits = load_mnist(data_roots(None), "fast")
digit_train = digits.train_x.flatten(1), torch.eye(10)[digits.train_y]
digit_test = digits.test_x.flatten(1), torch.eye(10)[digits.test_y]
figures.images(digits.train_x[:10], titles=[str(int(label)) for label in digits.train_y[:10]])

# %%
record = moments(
    train, evaluate_nn, (0, 1, 2, 5, 10, 30), sets=(digit_train, digit_test), nh=100, eta=0.1, batch_size=100
)
model = record["trained"]
show_record(record, "digits, 100 hidden neurons, η = 0.1, batches of 100")

# %% [markdown]
# Which ones are still wrong? Some of them you may not have read either.

# %%
with torch.no_grad():
    predicted = model(digit_test[0]).argmax(1)
wrong = (predicted != digits.test_y).nonzero().flatten()[:10]
figures.images(digits.test_x[wrong], titles=[f"{int(digits.test_y[i])}, read as {int(predicted[i])}" for i in wrong])

# %% [markdown]
# **To discuss.** Where is the difference between the two curves larger, here or on Circles, and why? What does the network
# lose when the image is made a vector? (Shuffle the pixels of all images in the same way, train again, and compare. The
# next practical begins here.)

# %% [markdown]
# ## 11. Bonus: support vector machines
#
# A support vector machine separates two classes without a network, by the line with the widest margin. With slack
# $\xi_n \ge 0$ for points on the wrong side of their margin, it solves
#
# $$
# \min_{w, b, \xi} \; \tfrac12 \lVert w \rVert^2 + C \sum_n \xi_n \qquad \text{with} \qquad
# t_n (w^\top \phi(x_n) + b) \ge 1 - \xi_n, \quad t_n = \pm 1 .
# $$
#
# $C$ is the price of an error in training: where it is small, a wide margin is worth some errors; where it is large, hardly
# any error is allowed. The map $\phi$ to other features is never computed. Only inner products are needed, and a *kernel*
# computes them: $k(x, x') = \phi(x)^\top \phi(x')$.
#
# | kernel | $k(x, x')$ |
# | --- | --- |
# | linear | $x^\top x'$ |
# | polynomial | $(\gamma\, x^\top x' + r)^d$, where scikit-learn's default is $r = 0$ |
# | RBF | $\exp(-\gamma \lVert x - x' \rVert^2)$ |
# | sigmoid | $\tanh(\gamma\, x^\top x' + r)$ |
#
# ### Exercise: `svm` (bonus)

# %% exercise="svm"

# %%
check("svm")

# %% [markdown]
# Kernel and $C$ are hyper-parameters, so they are chosen on a validation set (question 1). We have none: every fourth
# point of the training set becomes one, and the test set stays where it is until the choice is made.

# %%
X_all, y_all = circles.train_x.numpy(), circles.train_y.argmax(1).numpy()
X_test, y_test = circles.test_x.numpy(), circles.test_y.argmax(1).numpy()
held_out = np.arange(len(X_all)) % 4 == 0
fit_on, validate_on = (X_all[~held_out], y_all[~held_out]), (X_all[held_out], y_all[held_out])

kernels, Cs = ("linear", "rbf", "sigmoid", "poly"), (0.01, 0.1, 1.0, 10.0, 100.0)
results = sweep(*fit_on, *validate_on, kernels, Cs)

fig, axes = plt.subplots(1, 2, figsize=(10, 3.5), sharey=True, layout="constrained")
for column, (ax, name) in enumerate(zip(axes, ("fitted points", "validation points"))):
    for kernel in kernels:
        ax.semilogx(Cs, [results[kernel, C][column] for C in Cs], "o-", label=kernel)
    ax.set(xlabel="C (no unit)", ylabel="accuracy (fraction)", title=name)
axes[0].legend()
plt.show()
print("chosen:", best_kernel(results))


# %%
def class_scores(classifier):
    """A function for a figure: points (n, 2) → scores (n, 2), one for each class."""
    return lambda points: torch.eye(2)[torch.as_tensor(classifier.predict(np.asarray(points)))]


for kernel in kernels:
    classifier = fit_svm(X_all, y_all, kernel=kernel)
    title = f"{kernel}, C = 1: test accuracy {accuracy(classifier, X_test, y_test):.3f}"
    display(figures.decision_boundary(class_scores(classifier), *test_set, title=title))

# %% [markdown]
# The polynomial of the default degree, 3, is no better than a straight line here. Look at the degree before you judge the
# kernel: the classes are separated by $x_1^2 + x_2^2$.

# %%
degrees = (1, 2, 3, 4, 5, 6)
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for C in (0.1, 1.0, 10.0):
    fitted = [fit_svm(X_all, y_all, kernel="poly", C=C, degree=degree) for degree in degrees]
    ax.plot(degrees, [accuracy(classifier, X_test, y_test) for classifier in fitted], "o-", label=f"C = {C}")
ax.set(xlabel="degree of the polynomial kernel", ylabel="test accuracy (fraction)")
ax.legend()
plt.show()

# %% [markdown]
# **To discuss.** Why do even degrees work and odd ones fail? (With $r = 0$ the features are exactly the monomials of that
# degree: what does $x \mapsto -x$ do to them, and to the rings?) What does a small $C$ do to the boundary of the RBF
# kernel, and a large one? And what does the network of this practical have that the support vector machine lacks: which
# of the two *learns* its features?
