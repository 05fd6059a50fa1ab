"""Known mistakes of `self_attention`.

Each takes the place of the class of the reference solution, and most build on it. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821, N801  (torch and SelfAttention are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("SelfAttention")
class no_scaling(SelfAttention):
    """Your scores are not divided by √embed_dim. The scalar product of two vectors grows with their length, and the
    softmax of large scores is all 0 and 1: no gradient passes it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2)
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class multiplied_by_the_root(SelfAttention):
    """Your scores are multiplied by √embed_dim, where they are to be divided by it. `a / b ** -0.5` and `a * b ** 0.5`
    are the same."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) * x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class divided_without_the_root(SelfAttention):
    """Your scores are divided by embed_dim, not by its root. That is too much: with random queries and keys they then
    are all near 0, and every token gets the same weight."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1]
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class root_of_the_number_of_tokens(SelfAttention):
    """You divide by the root of the number of tokens. What makes a scalar product large is how many features are
    summed: which axis of x counts them?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class scaled_after_the_softmax(SelfAttention):
    """You divide the weights by √embed_dim, after the softmax, so that they no longer sum to 1. The scores are to be
    scaled, before it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        weights = torch.softmax(Q @ K.transpose(1, 2), dim=-1) / x.shape[-1] ** 0.5
        return self.projection(weights @ V)


@instead_of("SelfAttention")
class softmax_over_the_queries(SelfAttention):
    """Your softmax runs over the queries: what a key is given by all tokens sums to 1. It should be what a token gives
    to all keys. Which of the two last axes of (B, N, N) are the keys?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=1) @ V)


@instead_of("SelfAttention")
class softmax_over_the_batch(SelfAttention):
    """Your softmax runs over the batch, so that the images compete with each other, and a batch of one has weights of
    1. Which axis of (B, N, N) are the keys?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=0) @ V)


@instead_of("SelfAttention")
class softmax_over_all_pairs(SelfAttention):
    """Your softmax runs over all pairs of tokens at once: N times N weights sum to 1, where the N weights of each query
    should."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        weights = torch.softmax(scores.flatten(1), dim=1).view_as(scores)
        return self.projection(weights @ V)


@instead_of("SelfAttention")
class softmax_twice(SelfAttention):
    """Your softmax is applied twice. The second one takes weights between 0 and 1 for scores, and makes them nearly
    equal."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(torch.softmax(scores, dim=-1), dim=-1) @ V)


@instead_of("SelfAttention")
class no_softmax(SelfAttention):
    """Your scores go to the values as they are: they may be negative, and sum to anything. What makes weights of
    scores?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(scores @ V)


@instead_of("SelfAttention")
class sigmoid_in_place_of_softmax(SelfAttention):
    """Your weights come from a sigmoid, each for itself. Attention has to be shared out: the weights that a token gives
    sum to 1."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.sigmoid(scores) @ V)


@instead_of("SelfAttention")
class logarithms_for_weights(SelfAttention):
    """You mix the values with the logarithms of the weights, which are negative: `log_softmax` belongs to losses."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.log_softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class softmax_of_negative_scores(SelfAttention):
    """Your scores have the wrong sign: the less a key fits a query, the more weight it gets."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = -Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class weights_transposed(SelfAttention):
    """Your weights are transposed before they meet the values: token i then takes from token j what j gave to i, and
    these do not sum to 1."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1).transpose(1, 2) @ V)


@instead_of("SelfAttention")
class queries_on_both_sides(SelfAttention):
    """You compare queries with queries. The keys are made and never used: what a token asks for and what it offers are
    to be two different things."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, V = self.query(x), self.value(x)
        scores = Q @ Q.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class keys_used_as_values(SelfAttention):
    """You mix the keys with the weights. The values are made and never used."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K = self.query(x), self.key(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ K)


@instead_of("SelfAttention")
class input_in_place_of_values(SelfAttention):
    """You mix the input itself with the weights, and not the values that a linear layer makes of it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K = self.query(x), self.key(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ x)


@instead_of("SelfAttention")
class input_in_place_of_keys(SelfAttention):
    """You compare the queries with the input itself, and not with the keys that a linear layer makes of it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, V = self.query(x), self.value(x)
        scores = Q @ x.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class one_layer_for_queries_and_keys(SelfAttention):
    """One layer makes both the queries and the keys, so that a token always fits itself best, and i fits j as j fits i.
    They need a layer each."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.key = self.query


@instead_of("SelfAttention")
class projection_never_used(SelfAttention):
    """You make the final projection in the constructor, and forward ends without it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return torch.softmax(scores, dim=-1) @ V


@instead_of("SelfAttention")
class no_projection(SelfAttention):
    """There is no final projection: a fourth linear layer comes after the mean of the values."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.projection = nn.Identity()


@instead_of("SelfAttention")
class projection_frozen(SelfAttention):
    """Your final projection cannot be trained: a parameter with `requires_grad=False` stays as it was drawn."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.projection.requires_grad_(False)


@instead_of("SelfAttention")
class layers_in_a_plain_list(SelfAttention):
    """Your layers stand in a plain Python list, where nn.Module does not find them: they are not in `parameters()`, so
    no optimizer trains them, and `.to(device)` leaves them behind. There is a list of PyTorch's for this."""

    def __init__(self, embed_dim):
        nn.Module.__init__(self)
        self.layers = [nn.Linear(embed_dim, embed_dim) for _ in range(4)]

    def forward(self, x):
        Q, K, V = (layer(x) for layer in self.layers[:3])
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.layers[3](torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class keys_detached(SelfAttention):
    """No gradient reaches the layer of the keys, so it stays as it was drawn for ever: the keys are cut out of the
    graph. The numbers are right, and that is why nobody notices."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x).detach(), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class values_detached(SelfAttention):
    """No gradient reaches the layer of the values: they are cut out of the graph. The numbers are right, and that is
    why nobody notices."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x).data
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class weights_without_gradient(SelfAttention):
    """The weights are computed under `no_grad`, so that queries and keys are never trained. The numbers are right, and
    that is why nobody notices."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        with torch.no_grad():
            scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
            weights = torch.softmax(scores, dim=-1)
        return self.projection(weights @ V)


@instead_of("SelfAttention")
class input_detached(SelfAttention):
    """The input is cut out of the graph, so that nothing before this layer can be trained, no earlier block and no
    patch embedding."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(x.detach())


@instead_of("SelfAttention")
class dropout_on_the_weights(SelfAttention):
    """There is a dropout on your weights, which makes the output another one at each call in training. This layer has
    none: its signature does not ask for a probability."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        weights = nn.functional.dropout(torch.softmax(scores, dim=-1), 0.1, self.training)
        return self.projection(weights @ V)


@instead_of("SelfAttention")
class dropout_in_evaluation_too(SelfAttention):
    """There is a dropout in your layer, and it does not even ask for the mode: `F.dropout` is active unless it is told
    `training=False`. This layer has none."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), 0.1)


@instead_of("SelfAttention")
class residual_added(SelfAttention):
    """You add the input to the output. That residual connection is the block's, around this layer, and would be there
    twice."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return x + super().forward(x)


@instead_of("SelfAttention")
class normalized_input(SelfAttention):
    """You normalize the input first. That LayerNorm belongs to the block around this layer, and would be there
    twice."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(nn.functional.layer_norm(x, x.shape[-1:]))


@instead_of("SelfAttention")
class activation_at_the_end(SelfAttention):
    """A GELU follows your final projection. There is no activation in attention: the softmax is what makes it non-
    linear."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return nn.functional.gelu(super().forward(x))


@instead_of("SelfAttention")
class causal_mask(SelfAttention):
    """Your tokens do not see those that come after them. Such a mask is for text that is written word by word; the
    patches of an image may all see each other."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        hidden = torch.ones_like(scores).triu(1).bool()
        scores = scores.masked_fill(hidden, float("-inf"))
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class own_token_masked(SelfAttention):
    """Your tokens do not see themselves: the diagonal of the scores is masked. Every token may attend to every one,
    itself too."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        own = torch.eye(x.shape[1], dtype=torch.bool)
        scores = scores.masked_fill(own, -1e9)
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class keys_reshaped_in_place_of_transposed(SelfAttention):
    """You bring the keys to (B, C, N) by `view` or `reshape`. The shape is right and the numbers are not where they
    belong: a reshape keeps their order in memory. Axes change places by a transpose."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.reshape(x.shape[0], x.shape[2], x.shape[1]) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class features_compared_in_place_of_tokens(SelfAttention):
    """You compare features with features: QᵀK is (B, C, C). Scores are for pairs of tokens, (B, N, N): which of the two
    is to be transposed?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q.transpose(1, 2) @ K / x.shape[-1] ** 0.5
        return self.projection(V @ torch.softmax(scores, dim=-1))


@instead_of("SelfAttention")
class output_averaged_over_the_tokens(SelfAttention):
    """Your output is the same for all tokens: the mean of them. Each token is to have a new content of its own, (B, N,
    C)."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(x).mean(dim=1, keepdim=True).expand_as(x)


@instead_of("SelfAttention")
class a_layer_left_over(SelfAttention):
    """A LayerNorm is made in your constructor, and forward does without it. It costs memory and means nothing; the one
    of the block belongs to the block."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.norm = nn.LayerNorm(embed_dim)


@instead_of("SelfAttention")
class embed_dim_fixed(SelfAttention):
    """Your layers have the same size whatever `embed_dim` says. A number that stands in the signature should not stand
    in the body."""

    def __init__(self, embed_dim):
        super().__init__(128)


@instead_of("SelfAttention")
class input_scaled_in_place(SelfAttention):
    """You scale x in place, and change the tensor of whoever called you: the residual connection around this layer
    needs it as it was."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        x *= 1.0001
        return super().forward(x / 1.0001)
