"""Known mistakes of `transformer_block`.

Each takes the place of a class of the reference solution and may use the others. Its name is the mistake, its docstring
the hint that a student reads.
"""

# ruff: noqa: F821  (nn, MLP and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("Block")
class OneNormForBothHalves(nn.Module):
    """Both of your halves read the tokens through one and the same layer norm. Its weights then have to suit the
    attention and the MLP at once, though the two look for different things. How many norms does a block have?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm(x))
        return x + self.mlp(self.norm(x))


@instead_of("Block")
class SecondNormNeverUsed(nn.Module):
    """You make two layer norms, and forward calls the first one twice. The parameters of the second learn nothing."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm1(x))


@instead_of("Block")
class ResidualFromTheNormalizedTokens(nn.Module):
    """You add what a half makes to norm(x), and x itself is gone. The path on which tokens and gradients pass straight
    through the pile of blocks is interrupted by each norm. What stands on the left of the plus?"""

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


@instead_of("Block")
class SecondResidualFromTheNormalizedTokens(nn.Module):
    """Your first half is right. In the second one the norm is written over x, so the MLP's result is added to the
    normalized tokens in place of the tokens."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        x = self.norm2(x)
        return x + self.mlp(x)


@instead_of("Block")
class NoResidual(nn.Module):
    """Your block replaces the tokens by what its halves make of them. Nothing is added, so a pile of such blocks loses
    the image, and the gradients with it."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return self.mlp(self.norm2(self.attention(self.norm1(x))))


@instead_of("Block")
class NoResidualAroundTheAttention(nn.Module):
    """The attention's result takes the place of the tokens. It is to be added to them."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class NoResidualAroundTheMlp(nn.Module):
    """The MLP's result takes the place of the tokens. It is to be added to them."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return self.mlp(self.norm2(x))


@instead_of("Block")
class PostNorm(nn.Module):
    """You normalize after the addition, as the first transformers did. It is harder to train in depth; asked for is
    pre-norm: what a half reads goes through the norm, and what it adds to does not."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + self.mlp(x))


@instead_of("Block")
class NormOfWhatAHalfMakes(nn.Module):
    """Your norms stand behind the halves: x + norm(attention(x)). They belong before them, so that what a half reads is
    normalized, and not what it adds."""

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
    """Your attention reads the tokens as they are. Block by block they grow, and the scores in the softmax with them."""

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
    """Your MLP reads the tokens as they are; they should go through a layer norm first, one of its own."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(x)


@instead_of("Block")
class HalvesSideBySide(nn.Module):
    """Attention and MLP both read x. The MLP should read what the attention has made of it: first one addition, then
    the other, on its result."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return x + self.attention(self.norm1(x)) + self.mlp(self.norm2(x))


@instead_of("Block")
class MlpFirst(nn.Module):
    """Your MLP comes before the attention. The order is the other way round."""

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
    """The second line adds to the tokens as they came in, so what the attention added is lost. What does x stand for
    after the first line?"""

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
    """The tokens are in your result twice: x + y is added to x again, where y already holds x."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        y = x + self.attention(self.norm1(x))
        return x + y + self.mlp(self.norm2(y))


@instead_of("Block")
class AttentionWithoutTheMlp(nn.Module):
    """Your block ends after the attention. Its second half, the MLP, is made and never used."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        return x + self.attention(self.norm1(x))


@instead_of("Block")
class NumberOfHeadsIgnored(nn.Module):
    """Your attention has four heads, whatever num_heads says."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, 4)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class OneHeadOnly(nn.Module):
    """Your attention has a single head, whatever num_heads says: with one head multi-head attention is plain
    attention."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, 1)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class MlpRatioIgnored(nn.Module):
    """Your hidden layer is always four times as wide as a token: mlp_ratio stands in the signature and not in the
    body."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * 4)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class RatioTakenForTheHiddenSize(nn.Module):
    """Your hidden layer has mlp_ratio features. The ratio is that of hidden features to embed_dim."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class OtherDefaults(nn.Module):
    """Your signature has defaults of its own. Asked for are four heads and a hidden layer four times as wide."""

    def __init__(self, embed_dim, num_heads=8, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class DropoutActive(nn.Module):
    """A tenth of what your MLP adds is dropped at random in training. The signature has no dropout, so nothing is."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + nn.functional.dropout(self.mlp(self.norm2(x)), 0.1, self.training)


@instead_of("Block")
class NormOverAllTokens(nn.Module):
    """Your norm takes mean and variance over all tokens of a sequence together. A layer norm looks at each token by
    itself: over which axis does it go?"""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(1, embed_dim), nn.GroupNorm(1, embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.transpose(1, 2)).transpose(1, 2))
        return x + self.mlp(self.norm2(x.transpose(1, 2)).transpose(1, 2))


@instead_of("Block")
class BatchNormInPlaceOfLayerNorm(nn.Module):
    """Your norms are batch norms: the tokens of all images share their statistics, and training differs from evaluation.
    A layer norm needs nothing but the token."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm1d(embed_dim), nn.BatchNorm1d(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.transpose(1, 2)).transpose(1, 2))
        return x + self.mlp(self.norm2(x.transpose(1, 2)).transpose(1, 2))


@instead_of("Block")
class NormedTokensDetached(nn.Module):
    """No gradient comes back through your first norm: what the attention reads is cut out of the graph."""

    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = MultiHeadsSelfAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.attention(self.norm1(x.detach()))
        return x + self.mlp(self.norm2(x))


@instead_of("Block")
class AddedInPlace(nn.Module):
    """Your += writes into the tensor that the caller gave you. It saves nothing and spoils what belongs to others."""

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
    """Your GELU comes after the second layer. Between two linear layers without an activation nothing is gained: they
    are worth one. And what it lets through is hardly ever negative, so the block can only add."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return nn.functional.gelu(self.second(self.first(x)))


@instead_of("MLP")
class GeluAfterBothLayers(nn.Module):
    """A second GELU follows your second layer, so what the block adds is hardly ever negative. One is enough."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return nn.functional.gelu(self.second(nn.functional.gelu(self.first(x))))


@instead_of("MLP")
class ReluInPlaceOfGelu(nn.Module):
    """Between your layers stands a ReLU. It works as well, but transformers use its smooth relative, the GELU."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.second(nn.functional.relu(self.first(x)))


@instead_of("MLP")
class NoActivation(nn.Module):
    """There is nothing between your two layers, so they are worth a single one. What makes an MLP more than that?"""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.second(self.first(x))


@instead_of("MLP")
class ResidualInsideTheMlp(nn.Module):
    """Your MLP adds its input to its result. The residual connection is the block's: it goes from before the norm to
    after the MLP."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, hid_features), nn.Linear(hid_features, in_features)

    def forward(self, x):
        return x + self.second(nn.functional.gelu(self.first(x)))


@instead_of("MLP")
class HiddenSizeIgnored(nn.Module):
    """Your hidden layer is four times as wide as the input, whatever hid_features says."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, 4 * in_features), nn.Linear(4 * in_features, in_features)

    def forward(self, x):
        return self.second(nn.functional.gelu(self.first(x)))


@instead_of("MLP")
class EndsWithTheHiddenFeatures(nn.Module):
    """Your MLP returns hid_features numbers. The second layer goes back to in_features, since the result is added to
    the tokens."""

    def __init__(self, in_features, hid_features):
        super().__init__()
        self.first, self.second = nn.Linear(in_features, in_features), nn.Linear(in_features, hid_features)

    def forward(self, x):
        return self.second(nn.functional.gelu(self.first(x)))
