"""Known mistakes of `transformer_block`.

Each takes the place of a class of the reference solution and may use the others. Students read its title, which is its
name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (nn, MLP and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("Block", title="one LayerNorm shared by attention and MLP")
class OneNormForBothHalves(nn.Module):
    """Attention and MLP read the tokens through the same LayerNorm. Its weights then have to suit both, although the
    two look for different things. How many norms does a block have?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm(x))
        return x + self.mlp(self.norm(x))


@instead_of("Block", title="second LayerNorm never used")
class SecondNormNeverUsed(nn.Module):
    """You make two LayerNorms, but forward calls the first one twice. The parameters of the second learn nothing."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm1(x))


@instead_of("Block", title="residual added to the normalized tokens")
class ResidualFromTheNormalizedTokens(nn.Module):
    """You add the outputs to norm(x), and x itself is lost. Tokens and gradients should pass straight through the stack
    of blocks, but each norm interrupts this path. What should you add the output to?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = self.norm1(x)
        x = x + self.attention(x)
        x = self.norm2(x)
        return x + self.mlp(x)


@instead_of("Block", title="second residual added to the normalized tokens")
class SecondResidualFromTheNormalizedTokens(nn.Module):
    """Your first half is right. In the second one you overwrite x with its norm, so the output of the MLP is added to
    the normalized tokens instead of the tokens."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        x = self.norm2(x)
        return x + self.mlp(x)


@instead_of("Block", title="no residual connections")
class NoResidual(nn.Module):
    """Your block replaces the tokens by the outputs of attention and MLP. Nothing is added, so a stack of such blocks
    loses the image, and the gradients with it."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return self.mlp(self.norm2(self.attention(self.norm1(x))))


@instead_of("Block", title="no residual connection around the attention")
class NoResidualAroundTheAttention(nn.Module):
    """The output of the attention replaces the tokens. It should be added to them."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="no residual connection around the MLP")
class NoResidualAroundTheMlp(nn.Module):
    """The output of the MLP replaces the tokens. It should be added to them."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return self.mlp(self.norm2(x))


@instead_of("Block", title="post-norm instead of pre-norm")
class PostNorm(nn.Module):
    """You normalize after the addition, as the first transformers did. Deep networks of that kind are harder to train;
    the exercise asks for pre-norm: normalize the input of attention and MLP, but not the tokens that you add their
    output to."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + self.mlp(x))


@instead_of("Block", title="norms after attention and MLP instead of before")
class NormAfterAttentionAndMLP(nn.Module):
    """Your norms come after attention and MLP: x + norm(attention(x)). They belong before: normalize what each of them
    reads, not what it returns."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.norm1(self.attention(x))
        return x + self.norm2(self.mlp(x))


@instead_of("Block")
class NoNormBeforeTheAttention(nn.Module):
    """Your attention reads the tokens as they are. They grow from block to block, and with them the scores in the
    softmax."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm2 = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class NoNormBeforeTheMlp(nn.Module):
    """Your MLP reads the tokens as they are; they should go through a LayerNorm of its own first."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(x)


@instead_of("Block", title="attention and MLP in parallel")
class HalvesSideBySide(nn.Module):
    """Attention and MLP both read x. The MLP should read the result of the first addition: first add the attention,
    then the MLP."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return x + self.attention(self.norm1(x)) + self.mlp(self.norm2(x))


@instead_of("Block", title="MLP before the attention")
class MlpFirst(nn.Module):
    """Your MLP comes before the attention. It should be the other way round."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.mlp(self.norm1(x))
        return x + self.attention(self.norm2(x))


@instead_of("Block")
class AttentionLostInTheSecondAddition(nn.Module):
    """Your second addition starts from the original tokens, so what the attention added is lost. What does x stand for
    after the first addition?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        attended = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(attended))


@instead_of("Block")
class TokensAddedTwice(nn.Module):
    """Your result contains the tokens twice: you add x + y to x again, although y already contains x."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        y = x + self.attention(self.norm1(x))
        return x + y + self.mlp(self.norm2(y))


@instead_of("Block", title="MLP never used")
class AttentionWithoutTheMlp(nn.Module):
    """Your block ends after the attention. You make the second half, the MLP, but never use it."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return x + self.attention(self.norm1(x))


@instead_of("Block", title="number of heads fixed at four")
class NumberOfHeadsIgnored(nn.Module):
    """Your attention always has four heads, whatever num_heads says."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, 4)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="only one head")
class OneHeadOnly(nn.Module):
    """Your attention has a single head, whatever num_heads says: with one head, multi-head attention is plain
    attention."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, 1)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="mlp_ratio ignored")
class MlpRatioIgnored(nn.Module):
    """Your hidden layer is always four times as wide as a token, whatever mlp_ratio says."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * 4)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="mlp_ratio used as the hidden size")
class RatioTakenForTheHiddenSize(nn.Module):
    """Your hidden layer has mlp_ratio features. mlp_ratio is the number of hidden features divided by embed_dim."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="wrong default arguments")
class OtherDefaults(nn.Module):
    """Your default arguments differ from the exercise's. By default there should be four heads and a hidden layer four
    times as wide."""

    def __init__(self, embed_dim, num_heads=8, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="dropout in the block")
class DropoutActive(nn.Module):
    """In training a tenth of the MLP's output is dropped at random. The signature has no dropout, so nothing should be
    dropped."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + nn.functional.dropout(self.mlp(self.norm2(x)), 0.1, self.training)


@instead_of("Block", title="norm over all tokens instead of each token")
class NormOverAllTokens(nn.Module):
    """Your norm takes mean and variance over all tokens of a sequence together. A LayerNorm normalizes each token by
    itself: over which axis?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(1, embed_dim), nn.GroupNorm(1, embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.transpose(1, 2)).transpose(1, 2))
        return x + self.mlp(self.norm2(x.transpose(1, 2)).transpose(1, 2))


@instead_of("Block", title="batch norm instead of LayerNorm")
class BatchNormInsteadOfLayerNorm(nn.Module):
    """You use batch norm: the tokens of all images share their statistics, and training differs from evaluation. A
    LayerNorm only uses the token itself."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm1d(embed_dim), nn.BatchNorm1d(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.transpose(1, 2)).transpose(1, 2))
        return x + self.mlp(self.norm2(x.transpose(1, 2)).transpose(1, 2))


@instead_of("Block", title="normalized tokens detached from the graph")
class NormedTokensDetached(nn.Module):
    """No gradient passes back through your first norm: the input of the attention is detached from the graph."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.detach()))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="input changed in place")
class AddedInPlace(nn.Module):
    """Your += writes into the tensor that the caller passed in. Make a new tensor."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x += self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("MLP")
class GeluAfterTheSecondLayer(nn.Module):
    """Your GELU comes after the second layer. Two linear layers without an activation between them can do no more than
    one. And the result is hardly ever negative, so the block can only add."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return nn.functional.gelu(self.second(self.first(x)))


@instead_of("MLP")
class GeluAfterBothLayers(nn.Module):
    """You apply a second GELU after the second layer, so what the block adds is hardly ever negative. Use only one,
    between the layers."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return nn.functional.gelu(self.second(nn.functional.gelu(self.first(x))))


@instead_of("MLP")
class ReluInsteadOfGelu(nn.Module):
    """You use a ReLU between your layers. It works too, but transformers use a smooth version of it, the GELU."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.second(nn.functional.relu(self.first(x)))


@instead_of("MLP", title="no activation between the layers")
class NoActivation(nn.Module):
    """There is no activation between your two layers, so they can do no more than a single one. What makes an MLP more
    than that?"""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.second(self.first(x))


@instead_of("MLP", title="residual connection inside the MLP")
class ResidualInsideTheMlp(nn.Module):
    """Your MLP adds its input to its output. The residual connection belongs to the block: it goes from before the norm
    to after the MLP."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return x + self.second(nn.functional.gelu(self.first(x)))


@instead_of("MLP")
class HiddenSizeIgnored(nn.Module):
    """Your hidden layer is always four times as wide as the input, whatever hid_features says."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, 4 * in_features), nn.Linear(4 * in_features, in_features)

    def forward(self, x):
        return self.second(nn.functional.gelu(self.first(x)))


@instead_of("MLP", title="second layer does not return to the input size")
class EndsWithTheHiddenFeatures(nn.Module):
    """Your MLP returns hid_features numbers. The second layer should go back to in_features, since its output is added
    to the tokens."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, in_features), nn.Linear(in_features, hid_features)

    def forward(self, x):
        return self.second(nn.functional.gelu(self.first(x)))


@instead_of("Block", title="norm along the tokens")
class NormAlongTheTokens(nn.Module):
    """Your norm takes mean and variance of each feature over the tokens. A LayerNorm takes those of each token over its
    features: which axis of (B, N, C) holds them?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        def normed(x, norm):
            mean, variance = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
            return (x - mean) / (variance + norm.eps).sqrt() * norm.weight + norm.bias

        x = x + self.attention(normed(x, self.norm1))
        return x + self.mlp(normed(x, self.norm2))


@instead_of("Block", title="unbiased variance in the norm")
class UnbiasedVarianceInTheNorm(nn.Module):
    """Your norm divides by n - 1 in the variance, as `var` and `std` do by default. A LayerNorm uses the mean of the
    squares: which argument of `var` says so?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        def normed(x, norm):
            return (x - x.mean(-1, keepdim=True)) / (
                x.var(-1, keepdim=True) + norm.eps
            ).sqrt() * norm.weight + norm.bias

        x = x + self.attention(normed(x, self.norm1))
        return x + self.mlp(normed(x, self.norm2))


@instead_of("Block", title="only the queries normalized")
class OnlyTheQueriesNormalized(nn.Module):
    """Only your queries come from the normalized tokens; keys and values come from the tokens as they are. In
    self-attention all three come from the same input."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x), x, x)[0]
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="batch and tokens swapped in torch's attention")
class BatchAndTokensSwapped(nn.Module):
    """`nn.MultiheadAttention` expects (N, B, C) unless it is told otherwise, so in your block the images of a batch attend
    to each other. Which argument of its constructor is about that?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = nn.MultiheadAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        normed = self.norm1(x)
        x = x + self.attention(normed, normed, normed)[0]
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="norms without weights")
class NormsWithoutWeights(nn.Module):
    """Your norms have no trainable weights and biases, so the network cannot choose how large the features are that
    attention and MLP read."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1 = self.norm2 = nn.LayerNorm(embed_dim, elementwise_affine=False)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block", title="both norms before the MLP")
class BothNormsBeforeTheMlp(nn.Module):
    """Before your MLP the tokens pass both norms. Each half has one norm of its own."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(self.norm1(x)))


@instead_of("Block", title="third norm at the end")
class NormAtTheEndOfTheBlock(nn.Module):
    """Your block normalizes its result, so the tokens no longer pass straight from the first block to the last. The final
    norm comes once, after all blocks."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)
        self.last = nn.LayerNorm(embed_dim)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return self.last(x + self.mlp(self.norm2(x)))


@instead_of("MLP", title="dropout in the MLP")
class DropoutInTheMlp(nn.Module):
    """In training your MLP drops a part of its numbers at random. The signature has no dropout, so nothing should be
    dropped."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.second(nn.functional.dropout(nn.functional.gelu(self.first(x)), 0.1, self.training))


@instead_of("MLP", title="third layer in the MLP")
class ThirdLayer(nn.Module):
    """Your MLP has three linear layers, but two are asked for: into the hidden features, and back."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, hid_features)
        self.third = nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.third(nn.functional.gelu(self.second(nn.functional.gelu(self.first(x)))))


@instead_of("Block", title="RMS norm instead of LayerNorm")
class RmsNorms(nn.Module):
    """Your norms divide by the root of the mean square and leave the mean of a token as it is. A layer norm subtracts the
    mean first."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def normalized(self, norm, x):
        return x / ((x**2).mean(dim=-1, keepdim=True) + norm.eps) ** 0.5 * norm.weight + norm.bias

    def forward(self, x):
        x = x + self.attention(self.normalized(self.norm1, x))
        return x + self.mlp(self.normalized(self.norm2, x))


@instead_of("MLP", title="erf of x instead of x / √2 in the GELU")
class ErfWithoutTheRoot(MLP):
    """Your GELU calls erf with x. The GELU weighs x by the probability that a normal random number is smaller, and erf
    measures that for a variance of 1/2: by what does its argument have to be divided?"""

    def __init__(self, in_features, hid_features):
        super().__init__(in_features, hid_features)

    def forward(self, x):
        first, _, second = self.layers
        hidden = first(x)
        return second(hidden * (1 + hidden.erf()) / 2)
