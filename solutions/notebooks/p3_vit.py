# %% [markdown]
# # Practical 3: Transformers
#
# A convolution looks at a pixel and its neighbours. A transformer looks at the whole image at once: it cuts the image into
# patches, makes each a vector, and lets every patch ask all the others for what it needs. In this practical you build a
# *vision transformer* (ViT) part by part, train it on handwritten digits, look at what it attends to, and at the end put a
# ready-made one in its place.
#
# | part | what it does | shapes |
# | --- | --- | --- |
# | patch embedding | an image becomes a sequence of tokens | $(B, c, H, W) \to (B, N, C)$ |
# | self-attention, with several heads | tokens exchange what they know | $(B, N, C) \to (B, N, C)$ |
# | block | attention, then a small network for each token | $(B, N, C) \to (B, N, C)$ |
# | positions | tell the tokens where they stand | $(1, N, C)$ |
# | class token and head | one token collects the answer | $(B, C) \to (B, 10)$ |
#
# As in the practicals before: **exercises** are cells to fill in, and `check("...")` grades what you have; **questions**
# are answered in the cell below them, in words or by assigning plain values (`0.5`, `(2, 3)`, `"A"`), and `check("q02")`
# shows how these will be read; all other cells are **experiments**, which use your classes, so run the notebook from the
# top. What an exercise or a question is worth stands below it.

# %%
import time

import matplotlib.pyplot as plt
import timm
import torch
from IPython.display import display
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset
from tqdm.auto import tqdm

from autograder.data.mnist import load_mnist
from autograder.data.roots import data_roots
from autograder.notebooks import check, figures

torch.manual_seed(0)
digits = load_mnist(data_roots(None), "fast")  # 4,000 and 1,000 digits; "full" in place of "fast" loads all of MNIST
print("training images", tuple(digits.train_x.shape), " test images", tuple(digits.test_x.shape))

# %% [markdown]
# ## 1. From an image to tokens
#
# A transformer reads a sequence of vectors. So an image of $c \times H \times W$ numbers is cut into squares of $P \times P$
# pixels, $N = \frac HP \cdot \frac WP$ of them, and each square, written as a vector of $c P^2$ numbers, is projected:
#
# $$
# t_n = E \, \mathrm{vec}(\text{patch}_n) + b, \qquad E \in \mathbb{R}^{C \times c P^2}, \qquad n = 1, \dots, N .
# $$
#
# $E$ and $b$ are learned, and the same for all patches. The tokens stand in *row-major* order: the patches of the first
# row from left to right, then those of the second.

# %%
P = 7
patches = digits.train_x[0].unfold(1, P, P).unfold(2, P, P)  # (1, rows, columns, P, P)
patches = patches.flatten(1, 2).transpose(0, 1)  # (N, 1, P, P), row-major

fig, axes = plt.subplots(4, 4, figsize=(4, 4.5), layout="constrained")
for n, (ax, patch) in enumerate(zip(axes.flat, patches)):
    ax.imshow(patch[0], cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"token {n}", fontsize=8)
    ax.set_axis_off()
plt.show()

# %% [markdown]
# ### Exercise: `patch_embedding`
#
# Two ways lead to it: cut, flatten, multiply; or find the layer of practical 2 that does all of this at once, if its stride
# is chosen well.

# %% exercise="patch_embedding"

# %%
check("patch_embedding")

# %% [markdown]
# ## 2. Self-attention
#
# Each token $x_i$ is mapped to three vectors: a **query** $q_i = W_Q x_i$ (what am I looking for?), a **key**
# $k_i = W_K x_i$ (what can I be found by?) and a **value** $v_i = W_V x_i$ (what do I have to say?). How much token $i$
# takes from token $j$ depends on how well the query of $i$ fits the key of $j$:
#
# $$
# a_{ij} = \frac{\exp(q_i \cdot k_j / \sqrt C)}{\sum_{j'} \exp(q_i \cdot k_{j'} / \sqrt C)}, \qquad
# z_i = \sum_j a_{ij} v_j ,
# $$
#
# or for all tokens together, with a token in each row,
#
# $$
# Z = \mathrm{softmax}\!\left( \frac{Q K^\top}{\sqrt C} \right) V ,
# $$
#
# where the softmax is taken over the keys: each row of the $N \times N$ matrix $A = (a_{ij})$ sums to 1. A last linear
# layer projects $Z$.
#
# Why the root? If the entries of $q$ and $k$ are independent with mean 0 and variance 1, their product $q \cdot k$ has
# variance $C$. Divided by $\sqrt C$ it has variance 1 whatever $C$ is. Without it the softmax would be almost one-hot from
# the start, and its gradient almost zero:

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharey=True, layout="constrained")
for C in (4, 64, 1024):
    scores = torch.randn(16, C) @ torch.randn(C)  # one query, 16 keys
    for ax, divisor in zip(axes, (1, C**0.5)):
        ax.plot(
            range(1, 17), torch.softmax(scores / divisor, dim=0).sort(descending=True).values, "o-", label=f"C = {C}"
        )
for ax, title in zip(axes, ("without the root", "divided by the root of C")):
    ax.set(xlabel="key, sorted by its weight", ylabel="attention weight (fraction)", title=title)
axes[0].legend()
plt.show()

# %% [markdown]
# ### Exercise: `self_attention`
#
# One head, written by hand: torch's own attention is not allowed here.

# %% exercise="self_attention"

# %%
check("self_attention")

# %% [markdown]
# What does your attention do when the tokens change places? And is it limited to a neighbourhood? Shuffle the tokens first,
# then change a single one, and see which results change.

# %%
attention = SelfAttention(32)
tokens = torch.randn(1, 16, 32)
order = torch.randperm(16)
moved = tokens.clone()
moved[0, 5] += 1
with torch.no_grad():
    before, shuffled, after = attention(tokens), attention(tokens[:, order]), attention(moved)
print("attention of shuffled tokens, against shuffled attention:", float((shuffled - before[:, order]).abs().max()))
changed = (after - before).abs().amax(dim=2)[0] > 1e-6
print("after a change of token 5, results change at tokens:", changed.nonzero().flatten().tolist())

# %% [markdown] question="q01" points=1
# ### Question 1
#
# Compare self-attention with convolution. What is the receptive field of one layer of each, what do the weights with which
# positions are mixed depend on, and what happens when the input is shifted, or its positions are exchanged?

# %% [markdown] mark_scheme="q01"
# **Model answer.** A convolution is *local*: an output sees the $k \times k$ neighbourhood, and the whole image only after
# many layers. Its weights are parameters, fixed after training, and the same at every position, so it is equivariant to
# translation (shift the input, and the output is shifted). Self-attention is *global* from the first layer: each token
# sees all the others. Its mixing weights $a_{ij}$ depend on the content, on queries and keys, and are computed anew for
# each image; only the projections are learned. It is equivariant to permutations (exchange tokens, and the results are
# exchanged), so it knows nothing of order or neighbourhood unless positions are added. The convolution brings in more
# knowledge about images (inductive bias) and needs less data; attention is more general, needs more data, and costs more
# for many positions.
#
# **Marks.** 0.25 for local and global; 0.25 for fixed and content-dependent weights; 0.25 for translation equivariance;
# 0.25 for permutation equivariance.
#
# **Common errors.** "Attention has no learned weights" (the projections are): 0 for that part. "Attention is permutation
# *invariant*": the layer is equivariant, only a pooled answer is invariant; half of that part. "Convolutions are
# translation invariant": accepted only with pooling.

# %% [markdown] question="q02" points=0.5 expected={"q02_tokens": 196, "q02_factor": 16, "q02_growth": "C"} tolerance=0
# ### Question 2: what attention costs
#
# An image of $224 \times 224$ pixels is cut into patches of $16 \times 16$. How many patches are there, `q02_tokens`? Now
# the patches are made half as wide, $8 \times 8$: by which factor does the number of attention weights in one head grow,
# `q02_factor`? (Leave the class token out.)
#
# How do the time for the attention weights, and the memory to keep them, depend on the number of tokens $N$ and the
# features $C$? Assign `q02_growth`.
#
# - **A.** time $O(N C)$, memory $O(N)$
# - **B.** time $O(N \log N \cdot C)$, memory $O(N C)$
# - **C.** time $O(N^2 C)$, memory $O(N^2)$
# - **D.** time $O(N^2 C^2)$, memory $O(C^2)$

# %% [markdown] mark_scheme="q02"
# **Answer.** $(224 / 16)^2 = 196$. With $8 \times 8$ there are $784 = 4 \cdot 196$ patches and $4^2 = 16$ times as many
# weights. C: $N^2$ scores, each of them a scalar product of $C$ numbers; the linear layers cost $O(N C^2)$ besides. A factor
# of 4 is the growth of the tokens.

# %% [markdown]
# Measure it. From some size on, twice as many tokens take four times as long (on a busy machine the curve is bumpy).

# %%
counts, milliseconds = (64, 128, 256, 512, 1024, 2048), []
for count in counts:
    tokens = torch.randn(1, count, 32)
    with torch.no_grad():
        attention(tokens)  # the first call is slower
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            attention(tokens)
            runs.append(time.perf_counter() - start)
    milliseconds.append(1000 * min(runs))

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.loglog(counts, milliseconds, "o-", label="measured")
ax.loglog(counts, [milliseconds[-1] * (count / counts[-1]) ** 2 for count in counts], ":", label="quadratic")
ax.set(xlabel="tokens N", ylabel="time of one forward pass (ms)", title="self-attention, C = 32")
ax.legend()
plt.show()

# %% [markdown] question="q02w" points=0.5
# ### Question 2, continued
#
# Why is the cost a problem for images in particular, and what can be done about it?

# %% [markdown] mark_scheme="q02w"
# **Model answer.** Every query meets every key, so time and memory are quadratic in the number of tokens, and that number is
# itself quadratic in the image's side: twice the side is 4 times the tokens and 16 times the weights. Pixels as tokens are
# out of reach. Remedies: larger patches (at the price of detail), attention within windows or to neighbours (Swin), pooled
# or merged tokens in deeper layers, low-rank or linear approximations, a convolutional stem; kernels that never store the
# matrix (FlashAttention) save memory, not operations.
#
# **Marks.** 0.25 for quadratic in tokens, with the reason; 0.25 for a remedy.
#
# **Common errors.** "Quadratic in the number of pixels' values" or "in the embedding size": 0 for that part.

# %% [markdown]
# ## 3. Several heads
#
# One softmax gives one set of weights, but a token may need several things from several places. So the $C$ features are
# divided among $h$ heads of $d = C / h$ features. Each head attends for itself,
#
# $$
# Z_k = \mathrm{softmax}\!\left( \frac{Q_k K_k^\top}{\sqrt d} \right) V_k, \qquad k = 1, \dots, h,
# $$
#
# the results are put side by side, $(Z_1, \dots, Z_h)$, with $C$ features again, and a last linear layer mixes them. Note
# the $\sqrt d$: what counts is how many numbers a scalar product sums.
#
# ### Exercise: `multi_head_attention`
#
# The difficulty is in the axes. From $(B, N, C)$ you need $(B, h, N, d)$; and a `view` to that shape runs without complaint
# and is wrong. Look at a small example first:

# %%
tokens = torch.tensor([[[10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33]]])  # one sequence, N = 3, C = 4
print("head 0 should hold the first two features of each token:\n", tokens[0, :, :2])
print("view(1, 2, 3, 2) gives it:\n", tokens.view(1, 2, 3, 2)[0, 0])

# %% exercise="multi_head_attention"

# %%
check("multi_head_attention")

# %% [markdown]
# ## 4. The block
#
# Attention moves information between tokens, but it computes only weighted means. The thinking is done by a small network
# with one hidden layer, applied to each token alone. Both are put into the same frame:
#
# $$
# x \leftarrow x + \mathrm{attention}(\mathrm{norm}_1(x)), \qquad
# x \leftarrow x + \mathrm{mlp}(\mathrm{norm}_2(x)) .
# $$
#
# The *residual connection* $x + \dots$ lets gradients pass a deep pile of blocks undiminished. The *layer norm* brings each
# token to mean 0 and variance 1 over its features, then scales and shifts with learned numbers. It stands in the branch,
# before the sublayer (*pre-norm*); the path of the residuals is left untouched.
#
# ### Exercise: `transformer_block`
#
# If you import your attention, write it as in the other exercises, `from .multi_head_attention import ...`, or simply use
# the class of the cell above.

# %% exercise="transformer_block"

# %%
check("transformer_block")

# %% [markdown]
# What do residual connections do to the gradient? Here it is at the tokens, after more and more blocks, once through your
# blocks and once through the same kind of layers without the shortcut.


# %%
def gradient_at_input(layers):
    """The mean size of the gradient that arrives at the tokens, for a random direction at the end."""
    torch.manual_seed(0)
    tokens = torch.randn(1, 16, 32, requires_grad=True)
    result = nn.Sequential(*layers)(tokens)
    (result * torch.randn_like(result)).sum().backward()
    return float(tokens.grad.abs().mean())


def without_shortcut():
    return nn.Sequential(nn.LayerNorm(32), MultiHeadsSelfAttention(32, 4), nn.LayerNorm(32), MLP(32, 128))


depths = (1, 2, 4, 8, 12)
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.semilogy(depths, [gradient_at_input([Block(32) for _ in range(depth)]) for depth in depths], "o-", label="blocks")
plain = [gradient_at_input([without_shortcut() for _ in range(depth)]) for depth in depths]
ax.semilogy(depths, plain, "o-", label="without the residual connections")
ax.set(xlabel="depth (blocks)", ylabel="gradient at the tokens (mean size, no unit)")
ax.legend()
plt.show()

# %% [markdown]
# ## 5. Where a token stands
#
# You have seen that attention does not notice when tokens change places. The block does not either: its MLP treats each
# token alone. So the place has to be written into the token. Here it is done by adding a vector of waves. For position $i$
# and column $j$, both counted from 0,
#
# $$
# p_{ij} = \begin{cases}
# \sin\left( i \,/\, 10000^{\,j/d} \right) & j \text{ even,} \\
# \cos\left( i \,/\, 10000^{\,(j-1)/d} \right) & j \text{ odd.}
# \end{cases}
# $$

# %% [markdown] question="q04" points=0.5 expected={"q04_first": [0, 1, 0, 1], "q04_second": 0.841471, "q04_blind": "B"} tolerance=0.001
# ### Question 4: positions
#
# (Question 3 comes with the class token, in the next section.)
#
# Compute two things with the formula for $d = 4$: the whole vector of position 0, `q04_first` (a tuple of four numbers), and
# the first number of position 1, `q04_second`, to three decimal places.
#
# Suppose a vision transformer gets no positions, and classifies by its class token. Which two images can it **not** tell
# apart, whatever its weights are? Assign `q04_blind`.
#
# - **A.** An image and the same image with the grey values inverted.
# - **B.** An image and the same image with its patches put in another order.
# - **C.** An image and the same image mirrored from left to right.
# - **D.** An image and the same image shifted by one pixel.

# %% [markdown] mark_scheme="q04"
# **Answer.** $(\sin 0, \cos 0, \sin 0, \cos 0) = (0, 1, 0, 1)$; $\sin 1 = 0.841$ (radians; 0.017 is the sine of one
# degree). B: the set of tokens is the same, and without positions that is all the class token sees. In C and D the patches
# themselves change (mirroring reverses each of them, too).

# %% [markdown]
# ### Exercise: `positional_embedding`

# %% exercise="positional_embedding"

# %%
check("positional_embedding")

# %%
positions = get_positional_embeddings(64, 64)[0]
fig, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
waves = axes[0].imshow(positions, aspect="auto", cmap="RdBu")
axes[0].set(xlabel="column j", ylabel="position i (tokens)", title="the waves")
fig.colorbar(waves, ax=axes[0], label="value (no unit)")
likeness = axes[1].imshow(F.cosine_similarity(positions[:, None], positions[None], dim=2))
axes[1].set(xlabel="position (tokens)", ylabel="position (tokens)", title="how alike two positions are")
fig.colorbar(likeness, ax=axes[1], label="cosine similarity (no unit)")
plt.show()

# %% [markdown] question="q04w" points=0.5
# ### Question 4, continued
#
# What are positional embeddings for? Which kinds are there, and what speaks for each? (Look at the right figure: which
# property do the sinusoidal ones have that helps the attention?)

# %% [markdown] mark_scheme="q04w"
# **Model answer.** Attention and the MLP are equivariant to permutations, so without positions a ViT sees a bag of patches.
# A vector for each position, added to the tokens, tells them apart. *Sinusoidal*: fixed, no parameters, neighbours are
# alike and the likeness depends only on the distance (a shift is a linear map), defined for any length. *Learned*: a table
# of parameters, one row a position; it can adapt, for example to the two dimensions of an image, but is tied to the number
# of positions it was trained for and must be interpolated for others. The original ViT learns its table; results are about
# the same. (Relative and rotary positions are further kinds.)
#
# **Marks.** 0.25 for why they are needed; 0.25 for sinusoidal *and* learned with an argument.
#
# **Common errors.** A published report says that the positional embedding is never learned: it may be, and in ViT it is; no
# mark for the second part. "It tells the network the order of the pixels": of the patches.

# %% [markdown]
# ## 6. The vision transformer
#
# Now all parts come together. One thing is new, the *class token*:
#
# $$
# z^0 = (t_{\text{class}}, t_1, \dots, t_N) + p, \qquad z^{k} = \mathrm{block}_k(z^{k-1}), \qquad
# \tilde y = W \, \mathrm{norm}(z^K_{\text{class}}) + b .
# $$

# %% [markdown] question="q03" points=1
# ### Question 3
#
# What is the class token, where does its content come from, and why is the head applied to it? What is an alternative?

# %% [markdown] mark_scheme="q03"
# **Model answer.** It is one more token, a vector of $C$ parameters that is trained with the network and is the same for
# every image at the input. It stands for no patch. In each block its query attends to all the patches, so that it gathers
# from the whole image what is needed for the class; after the last block its vector is a summary of the image, of fixed
# size however many patches there are, and not biased to the content of any one patch. Only it goes into the head. The
# alternative is to average the patch tokens (global average pooling), which works about as well.
#
# **Marks.** 0.25 for a trained vector, independent of the image; 0.5 for gathering by attention as a summary for the head;
# 0.25 for the alternative.
#
# **Common errors.** "It holds the label of the image": it does not know the label; no mark for the first two parts.
# "It is initialized with zeros and not trained": 0 for the first part.

# %% [markdown]
# ### Exercise: `vit`
#
# Use the classes that you have written. Think about what has to be a parameter (it is trained), what a buffer (part of the
# model, but not trained), and what neither.

# %% exercise="vit"

# %%
check("vit")

# %% [markdown]
# ### Training
#
# Adam is used here in place of plain gradient descent: transformers are hard to train without a learning rate that adapts
# to each parameter.


# %%
def measure(model, inputs, labels):
    """Returns (mean loss in nats, accuracy), measured in evaluation mode."""
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(part) for part in inputs.split(500)])
    return F.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).float().mean().item()


def fit(model, train, test, epochs, eta=3e-3, batch_size=100, seed=0):
    """Adam on the cross-entropy, for the trainable parameters. The record: a list with a number for each epoch under
    "train loss", "train accuracy", "test loss" and "test accuracy", all measured at the end of the epoch."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=eta)
    order = torch.Generator().manual_seed(seed)
    batches = DataLoader(TensorDataset(*train), batch_size, shuffle=True, generator=order)
    record = {}
    for _ in tqdm(range(epochs), unit="epoch", leave=False):
        model.train()
        for inputs, labels in batches:
            error = F.cross_entropy(model(inputs), labels)
            # New gradients for each batch. With no blocks some parameters do not count for the scores: theirs are None.
            for parameter, gradient in zip(trainable, torch.autograd.grad(error, trainable, allow_unused=True)):
                parameter.grad = gradient
            optimizer.step()
        for part, data in (("train", train), ("test", test)):
            for what, value in zip(("loss", "accuracy"), measure(model, *data)):
                record.setdefault(f"{part} {what}", []).append(value)
    return record


def parts(record, what):
    """Two of the four lists of a record, for `figures.curves`."""
    return {part: record[f"{part} {what}"] for part in ("train", "test")}


train_set, test_set = (digits.train_x, digits.train_y), (digits.test_x, digits.test_y)
torch.manual_seed(0)
vit = ViT(embed_dim=32, nb_blocks=2, patch_size=7)
record = fit(vit, train_set, test_set, epochs=10)
figures.curves(parts(record, "loss"), ylabel="cross-entropy (nats)", title="ViT on digits")

# %%
figures.curves(parts(record, "accuracy"), ylabel="accuracy (fraction)", title="ViT on digits")

# %% [markdown]
# ### Does it use the positions?
#
# Put the patches of the test images into another order, the same for all images. Then the network can only use what it
# would learn from an unordered bag of patches.


# %%
def shuffle_patches(images, patch_size, order):
    """The same images with their patches in another order."""
    pieces = F.unfold(images, patch_size, stride=patch_size)
    return F.fold(pieces[:, :, order], images.shape[-2:], patch_size, stride=patch_size)


order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
shuffled = shuffle_patches(digits.test_x, 7, order)
for name, images in {"as they are": digits.test_x, "patches shuffled": shuffled}.items():
    print(f"{name:17} accuracy {measure(vit, images, digits.test_y)[1]:.3f}")
figures.images(torch.cat([digits.test_x[:6], shuffled[:6]]))

# %% [markdown]
# ### What does it look at?
#
# The weights $a_{ij}$ of the class token show from which patches it takes information. Your classes may be written in many
# ways, so the notebook records the result of every softmax while the model runs. The scores depend on a single row of the
# last block's weights, that of the class token, so the gradient reveals which row that is.


# %%
class SoftmaxRecorder(TorchFunctionMode):
    """Records the result of every softmax inside `with SoftmaxRecorder() as recorder:`."""

    def __init__(self):
        super().__init__()
        self.results = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") == "softmax":
            self.results.append(result)
        return result


def class_attention(model, image):
    """The attention weights of the class token for the patches in the last block, (heads, patches)."""
    with SoftmaxRecorder() as recorder:
        scores = model(image[None])
    if not recorder.results:
        raise RuntimeError("no softmax was called: these maps need an attention that calls torch's softmax")
    weights = recorder.results[-1]
    (gradient,) = torch.autograd.grad(scores.max(), weights)
    weights, gradient = (each.detach().reshape(-1, *each.shape[-2:]) for each in (weights, gradient))
    row = int(gradient.abs().sum(dim=(0, 2)).argmax())  # the class token's row
    return torch.cat([weights[:, row, :row], weights[:, row, row + 1 :]], dim=1)


for i in range(3):
    display(figures.attention_maps(digits.test_x[i], class_attention(vit, digits.test_x[i])))

# %% [markdown]
# **To discuss.** Do the heads look at different things? At the ink, at the background, at the ends of the lines? A warning:
# a large weight says that a value was taken, not that it was important for the decision.
#
# ### Size of the tokens, size of the patches, number of blocks
#
# One setting is changed at a time. How do you expect the curves to be ordered, and which of the changes makes the training
# slower? Write it down before you run the cell.

# %%
base = {"embed_dim": 32, "patch_size": 7, "nb_blocks": 2}
studies = {"embed_dim": (8, 32, 64), "patch_size": (14, 7, 4), "nb_blocks": (0, 2, 4)}
done = {}  # settings to (record, seconds), so that the common one is trained once

for setting, values in studies.items():
    for value in values:
        settings = {**base, setting: value}
        key = tuple(settings.values())
        if key not in done:
            torch.manual_seed(0)
            start = time.perf_counter()
            trained = fit(ViT(**settings), train_set, test_set, epochs=4)
            done[key] = trained, time.perf_counter() - start
            count = sum(p.numel() for p in ViT(**settings).parameters())
            print(f"{settings}: {count:7,} parameters, {done[key][1]:5.1f} s, test {trained['test accuracy'][-1]:.3f}")

fig, axes = plt.subplots(1, 3, figsize=(14, 3.5), sharey=True, layout="constrained")
for ax, (setting, values) in zip(axes, studies.items()):
    for value in values:
        trained, _ = done[tuple({**base, setting: value}.values())]
        ax.plot(range(1, 5), trained["test accuracy"], "o-", label=f"{setting} = {value}")
    ax.set(xlabel="epoch", ylabel="test accuracy (fraction)", title=setting)
    ax.legend()
plt.show()

# %% [markdown]
# **To discuss.** What can a model with 0 blocks know about the image? (Which tokens does its head see?) What do smaller
# patches gain, and what do they cost? Would the order stay the same after 50 epochs, or on all of MNIST? One run each is
# little: which differences would you trust? (Repeat one setting with two other seeds.)
#
# ## 7. A ready-made transformer
#
# The library timm has hundreds of models, many of them with weights trained on millions of photographs. One of them,
# `vit_tiny_patch16_224`, is a ViT with 192 features, 12 blocks and 3 heads. What happens when it is given a digit of
# $1 \times 28 \times 28$?

# %%
model = timm.create_model("vit_tiny_patch16_224", num_classes=10)
for shape in ((1, 1, 28, 28), (1, 3, 28, 28), (1, 1, 224, 224), (1, 3, 224, 224)):
    try:
        print(shape, "->", tuple(model(torch.zeros(shape)).shape))
    except Exception as error:
        print(shape, "->", type(error).__name__, "-", str(error).splitlines()[0][:90])
print("patch embedding:", tuple(model.patch_embed.proj.weight.shape), " positions:", tuple(model.pos_embed.shape))

# %% [markdown] question="q05" points=0.5 expected={"q05_input": [3, 224, 224], "q05_tokens": 197, "q05_fixed": "A"} tolerance=0
# ### Question 5: the size of the input
#
# Which image (channels, height, width) does `vit_tiny_patch16_224` expect, `q05_input`, and how many tokens go through its
# blocks, with the class token, `q05_tokens`? Which of its parts fix the size and the channels? Assign `q05_fixed`.
#
# - **A.** The patch embedding fixes the channels, the table of positions the number of patches.
# - **B.** The query, key and value layers fix the number of tokens.
# - **C.** The layer norms fix height and width, the head fixes the channels.
# - **D.** The MLP of each block fixes the number of tokens, the class token the channels.

# %% [markdown] mark_scheme="q05"
# **Answer.** $(3, 224, 224)$; $14 \cdot 14 + 1 = 197$ (196: class token forgotten); A. All other layers work on each token's
# features, or on any number of tokens.

# %% [markdown] question="q05w" points=0.5
# ### Question 5, continued
#
# Name two ways to use such a model for images of $1 \times 28 \times 28$, and say for each what becomes of pretrained
# weights. Is anything gained by the first way if the model is *not* pretrained?

# %% [markdown] mark_scheme="q05w"
# **Model answer.** (1) *Adapt the images*: resize to $224 \times 224$ by interpolation and repeat the grey channel three
# times. All weights fit, pretrained ones too; it costs 196 patches for an image without more information. (2) *Adapt the
# model*: build it with `img_size=28`, `in_chans=1` and a smaller `patch_size`. The patch embedding and the table of
# positions have other shapes, so their pretrained weights do not fit and are trained anew (or summed over channels and
# interpolated, as timm can do); the model is far cheaper. Without pretrained weights the first way gains nothing: the same
# information at twelve times as many tokens.
#
# **Marks.** 0.25 for the two ways; 0.25 for what happens to the weights, or for the cost.
#
# **Common errors.** "Crop the image", "pad to 224" count as ways of the first kind. Reshaping 784 pixels to three channels:
# 0.

# %% [markdown] question="q06" points=0.5 expected={"q06_true": "D", "q06_conv": [64, 24, 24]} tolerance=0
# ### Question 6: and convolutional networks?
#
# Is a convolutional network bound to its input in the same way? Assign `q06_true`.
#
# - **A.** Yes: neither another size nor another number of channels is possible.
# - **B.** No: any size and any number of channels are possible.
# - **C.** The size is fixed by the first convolution, the channels are free.
# - **D.** The channels are fixed by the first convolution, the size only by a fully-connected part that follows.
#
# A layer `nn.Conv2d(1, 64, kernel_size=5)` was trained on images of $32 \times 32$. Which shape (channels, height, width)
# does it give for an image of $1 \times 28 \times 28$? Assign `q06_conv`.

# %% [markdown] mark_scheme="q06"
# **Answer.** D; $28 - 5 + 1 = 24$, so $(64, 24, 24)$: it works on any size that is not smaller than the kernel.

# %% [markdown] question="q06w" points=0.5
# ### Question 6, continued
#
# How can a convolutional network be built so that it takes images of any size? Would the same idea work for a ViT?

# %% [markdown] mark_scheme="q06w"
# **Model answer.** Convolutions and pools work on any size (their weights do not depend on it), but flattening before a
# fully-connected layer fixes the number of features. Global average pooling (or another adaptive pooling) makes a vector of
# one number a channel whatever the size, and the restriction is gone; or the fully-connected layers are written as
# convolutions. In a ViT the blocks and the class token take any number of tokens; what has to be lifted is the table of
# positions: sinusoidal ones are computed for the new size, learned ones interpolated. The channels stay fixed in both.
#
# **Marks.** 0.25 for global pooling (or an equivalent convolution); 0.25 for positions in the ViT.
#
# **Common errors.** "A CNN needs the size it was trained with": without mentioning the fully-connected part, 0.

# %% [markdown]
# ### Exercise: `timm_transfer`

# %% exercise="timm_transfer"

# %%
check("timm_transfer")

# %% [markdown]
# ### Frozen, with images made to fit
#
# If all but the head is frozen, an image always gives the same features. So they are computed once, and the head is trained
# on them: seconds in place of hours. (The result is the same as training the whole frozen model, without dropout or
# augmentation.) To keep it short, with 200 images to learn from and 200 to test.
#
# Offline the weights are random, and so are the features. If you are online, call `frozen(pretrained=True)` in a cell of
# your own (it downloads about 23 MB), and compare.


# %%
def features(model, images):
    """The inputs (n, features) of a timm model's head, computed in portions, since large images need much memory."""
    model.eval()
    with torch.no_grad():
        # Pretrained weights of this model were trained on values from -1 to 1.
        return torch.cat(
            [
                model.forward_head(model.forward_features(2 * adapt_images(part) - 1), pre_logits=True)
                for part in tqdm(images.split(50), unit="portion", leave=False)
            ]
        )


def frozen(pretrained, count=200):
    """Train only the head, on the features of a frozen backbone."""
    torch.manual_seed(0)
    model = freeze_backbone(build_classifier(pretrained=pretrained))
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{trainable:,} of {sum(p.numel() for p in model.parameters()):,} parameters are trained")
    train, test = ((features(model, images[:count]), labels[:count]) for images, labels in (train_set, test_set))
    record = fit(model.get_classifier(), train, test, epochs=60, eta=1e-2, batch_size=50)
    title = f"only the head, {'pretrained' if pretrained else 'random'} backbone, {count} images"
    return figures.curves(parts(record, "accuracy"), ylabel="accuracy (fraction)", title=title)


frozen(pretrained=False)

# %% [markdown]
# ### Built for the size
#
# The same family of models, built for the digits: $28 \times 28$, one channel, patches of 7, two blocks. It is not
# pretrained.

# %%
torch.manual_seed(0)
small = timm.create_model("vit_tiny_patch16_224", img_size=28, in_chans=1, patch_size=7, depth=2, num_classes=10)
print(f"{sum(p.numel() for p in small.parameters()):,} parameters; yours: {sum(p.numel() for p in vit.parameters()):,}")
small_record = fit(small, train_set, test_set, epochs=3, eta=1e-3)
compared = {"timm, built for 28 × 28": small_record["test accuracy"], "yours": record["test accuracy"][:3]}
figures.curves(compared, ylabel="test accuracy (fraction)", title="both from random weights")

# %% [markdown] question="q07" points=1
# ### Question 7
#
# Sum up your results: your ViT, its variants, the frozen model, the model built for the size. How do they compare with
# what a small network or a convolutional network reaches on such digits, and why? What can be done to make a transformer
# work when there is little data?

# %% [markdown] mark_scheme="q07"
# **Model answer.** With 4,000 digits and a few epochs a small ViT learns well, about nine of ten digits or somewhat more,
# but a convolutional network of the same size gets further faster (and the fully-connected network of practical 1 is about
# as good): the ViT has to learn from data what a convolution has built in, locality and translation equivariance. Larger
# tokens help (with the reference, 4 epochs: 53%, 85%, 87% for 8, 32, 64), more blocks only with more training (80% with four,
# 85% with two). Smaller patches keep more detail but make more tokens to relate:
# they are slower, and after few epochs even behind large ones (92% with patches of 14, 85% with 7, 73% with 4). Without a
# block the head sees a class token that has met no patch: 10%, chance. A frozen *random* backbone is poor, and above chance
# only since random features still keep information; a frozen *pretrained* one is good with few images. With little
# data: pretrained weights, with the backbone or its lower layers frozen and the head (later the upper blocks) fine-tuned
# at a small learning rate; augmentation; regularization (dropout, stochastic depth, weight decay, early stopping);
# distillation from a convolutional teacher (DeiT); a convolutional stem or local attention, which give back the bias;
# self-supervised pre-training; a smaller model.
#
# **Marks.** 0.5 for the results, with numbers of one's own and the missing inductive bias as the reason; 0.5 for remedies:
# 0.25 for pretraining with freezing or fine-tuning, 0.25 for at least two others.
#
# **Common errors.** "Transformers are better than convolutions": not on few data; 0 for the reason. "Freezing helps" without
# pretrained weights: frozen random weights do not help; no mark for that remedy.
