"""Known mistakes of `self_attention`.

Each takes the place of the class of the reference solution, and most build on it. Students read its title, which is its
name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821, N801  (torch and SelfAttention are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("SelfAttention", title="scores not scaled")
class no_scaling(SelfAttention):
    """Your scores are not divided by √embed_dim. The dot product of two vectors grows with their number of features,
    and the softmax of large scores is nearly all 0 and 1: almost no gradient passes through it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2)
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="scores multiplied by the root instead of divided")
class multiplied_by_the_root(SelfAttention):
    """Your scores are multiplied by √embed_dim instead of divided by it. Note that dividing by `d ** -0.5` multiplies
    by the root."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) * x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="scores divided by embed_dim instead of its root")
class divided_without_the_root(SelfAttention):
    """You divide your scores by embed_dim instead of its square root. That is too much: with random queries and keys
    they all become nearly 0, and every token gets the same weight."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1]
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="scores scaled by the number of tokens")
class root_of_the_number_of_tokens(SelfAttention):
    """You divide by the square root of the number of tokens. What makes a dot product large is the number of features
    that are summed: which axis of x counts them?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="weights scaled after the softmax")
class scaled_after_the_softmax(SelfAttention):
    """You divide the attention weights by √embed_dim, after the softmax, so they no longer sum to 1. Scale the scores
    instead, before it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        weights = torch.softmax(Q @ K.transpose(1, 2), dim=-1) / x.shape[-1] ** 0.5
        return self.projection(weights @ V)


@instead_of("SelfAttention")
class softmax_over_the_queries(SelfAttention):
    """Your softmax runs over the queries: the weights that one key gets from all queries sum to 1. It should be the
    weights that one query gives to all keys. Which of the last two axes of (B, N, N) holds the keys?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=1) @ V)


@instead_of("SelfAttention")
class softmax_over_the_batch(SelfAttention):
    """Your softmax runs over the batch, so the images compete with each other, and a batch of one has weights of 1.
    Which axis of (B, N, N) holds the keys?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=0) @ V)


@instead_of("SelfAttention", title="softmax over all pairs of tokens")
class softmax_over_all_pairs(SelfAttention):
    """Your softmax runs over all pairs of tokens at once: N × N weights sum to 1, but the N weights of each query
    should."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        weights = torch.softmax(scores.flatten(1), dim=1).view_as(scores)
        return self.projection(weights @ V)


@instead_of("SelfAttention", title="softmax applied twice")
class softmax_twice(SelfAttention):
    """You apply the softmax twice. The second one treats the weights between 0 and 1 as scores and makes them nearly
    equal."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(torch.softmax(scores, dim=-1), dim=-1) @ V)


@instead_of("SelfAttention", title="softmax missing")
class no_softmax(SelfAttention):
    """Your scores multiply the values as they are: they may be negative, and sum to anything. What turns scores into
    weights?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(scores @ V)


@instead_of("SelfAttention")
class sigmoid_instead_of_softmax(SelfAttention):
    """Your weights come from a sigmoid, each one on its own. Attention is shared among the tokens: the weights of one
    query should sum to 1."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.sigmoid(scores) @ V)


@instead_of("SelfAttention", title="log-softmax instead of softmax")
class logarithms_for_weights(SelfAttention):
    """You mix the values with the logarithms of the weights, which are negative: `log_softmax` is for losses."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.log_softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="scores with the wrong sign")
class softmax_of_negative_scores(SelfAttention):
    """Your scores have the wrong sign: the less a key matches a query, the more weight it gets."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = -Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="attention weights transposed")
class weights_transposed(SelfAttention):
    """Your weights are transposed before they meet the values: token i then takes from token j the weight that j gave
    to i, and these weights do not sum to 1."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1).transpose(1, 2) @ V)


@instead_of("SelfAttention", title="queries compared with queries")
class queries_on_both_sides(SelfAttention):
    """You compare queries with queries. You compute the keys but never use them: what a token looks for and what it
    offers should be two different things."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, V = self.query(x), self.value(x)
        scores = Q @ Q.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class keys_used_as_values(SelfAttention):
    """You mix the keys with the attention weights. You compute the values but never use them."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K = self.query(x), self.key(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ K)


@instead_of("SelfAttention")
class input_instead_of_values(SelfAttention):
    """You mix the input itself with the attention weights, instead of the values that a linear layer makes from it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K = self.query(x), self.key(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ x)


@instead_of("SelfAttention")
class input_instead_of_keys(SelfAttention):
    """You compare the queries with the input itself, instead of the keys that a linear layer makes from it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, V = self.query(x), self.value(x)
        scores = Q @ x.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class one_layer_for_queries_and_keys(SelfAttention):
    """One layer makes both the queries and the keys, so the scores are symmetric: i matches j exactly as j matches i.
    Queries and keys need a layer each."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.key = self.query


@instead_of("SelfAttention", title="final projection never used")
class projection_never_used(SelfAttention):
    """You make the final projection in the constructor, but forward does not use it."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return torch.softmax(scores, dim=-1) @ V


@instead_of("SelfAttention", title="final projection missing")
class no_projection(SelfAttention):
    """There is no final projection: after the weighted mean of the values there should be a fourth linear layer."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.projection = nn.Identity()


@instead_of("SelfAttention", title="final projection frozen")
class projection_frozen(SelfAttention):
    """Your final projection cannot be trained: a parameter with `requires_grad=False` keeps its initial value."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.projection.requires_grad_(False)


@instead_of("SelfAttention", title="layers in a plain Python list")
class layers_in_a_plain_list(SelfAttention):
    """Your layers are in a plain Python list, where nn.Module does not find them: they are not in `parameters()`, so no
    optimizer trains them, and `.to(device)` leaves them behind. PyTorch has its own list for this."""

    def __init__(self, embed_dim):
        nn.Module.__init__(self)
        self.layers = [nn.Linear(embed_dim, embed_dim) for _ in range(4)]

    def forward(self, x):
        Q, K, V = (layer(x) for layer in self.layers[:3])
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.layers[3](torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="keys detached from the graph")
class keys_detached(SelfAttention):
    """No gradient reaches the layer of the keys, so it keeps its initial weights: the keys are detached from the graph.
    The output is still right, so this is easy to miss."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x).detach(), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="values detached from the graph")
class values_detached(SelfAttention):
    """No gradient reaches the layer of the values: they are detached from the graph. The output is still right, so this
    is easy to miss."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x).data
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="attention weights computed without gradient")
class weights_without_gradient(SelfAttention):
    """You compute the attention weights under `no_grad`, so queries and keys are never trained. The output is still
    right, so this is easy to miss."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        with torch.no_grad():
            scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
            weights = torch.softmax(scores, dim=-1)
        return self.projection(weights @ V)


@instead_of("SelfAttention", title="input detached from the graph")
class input_detached(SelfAttention):
    """You detach the input from the graph, so nothing before this layer can be trained, neither an earlier block nor
    the patch embedding."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(x.detach())


@instead_of("SelfAttention", title="dropout on the attention weights")
class dropout_on_the_weights(SelfAttention):
    """There is a dropout on your attention weights, so in training the output is different at each call. This layer
    should have none: its signature has no dropout probability."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        weights = nn.functional.dropout(torch.softmax(scores, dim=-1), 0.1, self.training)
        return self.projection(weights @ V)


@instead_of("SelfAttention", title="dropout active in evaluation")
class dropout_in_evaluation_too(SelfAttention):
    """There is a dropout in your layer that is active in evaluation too: `F.dropout` drops by default, whatever the
    mode of the layer. This layer should have none."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), 0.1)


@instead_of("SelfAttention", title="residual connection inside the attention")
class residual_added(SelfAttention):
    """You add the input to the output. This residual connection belongs to the block around the layer, which would then
    have it twice."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return x + super().forward(x)


@instead_of("SelfAttention", title="input normalized inside the attention")
class normalized_input(SelfAttention):
    """You normalize the input first. That LayerNorm belongs to the block around the layer, which would then have it
    twice."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(nn.functional.layer_norm(x, x.shape[-1:]))


@instead_of("SelfAttention", title="GELU after the final projection")
class activation_at_the_end(SelfAttention):
    """You apply a GELU after the final projection. Attention has no activation: the softmax is what makes it
    non-linear."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return nn.functional.gelu(super().forward(x))


@instead_of("SelfAttention", title="causal mask on the scores")
class causal_mask(SelfAttention):
    """Your tokens do not see those that come after them. Such a mask is for text that is generated word by word; the
    patches of an image may all see each other."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        hidden = torch.ones_like(scores).triu(1).bool()
        scores = scores.masked_fill(hidden, float("-inf"))
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="token masked from itself")
class own_token_masked(SelfAttention):
    """Your tokens do not see themselves: you mask the diagonal of the scores. Every token may attend to every token,
    including itself."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        own = torch.eye(x.shape[1], dtype=torch.bool)
        scores = scores.masked_fill(own, -1e9)
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class keys_reshaped_instead_of_transposed(SelfAttention):
    """You bring the keys to (B, C, N) by `view` or `reshape`. The shape is right but the numbers are not where they
    belong: a reshape keeps their order in memory. Which operation swaps two axes?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.reshape(x.shape[0], x.shape[2], x.shape[1]) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention")
class features_compared_instead_of_tokens(SelfAttention):
    """You compare features with features: QᵀK is (B, C, C). Scores are for pairs of tokens, (B, N, N): which of the two
    has to be transposed?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q.transpose(1, 2) @ K / x.shape[-1] ** 0.5
        return self.projection(V @ torch.softmax(scores, dim=-1))


@instead_of("SelfAttention")
class output_averaged_over_the_tokens(SelfAttention):
    """Your output is the same for all tokens: you average over them. Each token should have its own output, (B, N,
    C)."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(x).mean(dim=1, keepdim=True).expand_as(x)


@instead_of("SelfAttention", title="unused LayerNorm in the layer")
class unused_layer(SelfAttention):
    """You make a LayerNorm in the constructor, but forward never uses it. It costs memory for nothing; the LayerNorm
    belongs to the block around this layer."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)
        self.norm = nn.LayerNorm(embed_dim)


@instead_of("SelfAttention", title="embed_dim ignored")
class embed_dim_fixed(SelfAttention):
    """Your layers always have the same size, whatever `embed_dim` says. A value that is passed in as an argument should
    not be fixed in the body."""

    def __init__(self, embed_dim):
        super().__init__(128)


@instead_of("SelfAttention")
class input_scaled_in_place(SelfAttention):
    """You scale x in place, which changes the caller's tensor: the residual connection around this layer needs it
    unchanged."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        x *= 1.0001
        return super().forward(x / 1.0001)


@instead_of("SelfAttention", title="softmax that overflows")
class exponentials_of_large_scores(SelfAttention):
    """Your softmax divides exponentials of the scores as they are. For scores of a few hundred these are infinite in
    float32, and infinite by infinite is NaN. A softmax stays the same if one number is subtracted from all scores of a
    query: which one keeps the exponentials at 1 or below?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        powers = (Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5).exp()
        return self.projection(powers / powers.sum(dim=-1, keepdim=True) @ V)


@instead_of("SelfAttention", title="largest score of all instead of each query's")
class one_maximum_for_all_queries(SelfAttention):
    """Before the exponential you subtract the largest score of all. A query whose own scores are all much smaller then
    gets exponentials of 0 only, and 0 by 0 is NaN. Each query has its own softmax: whose largest score does it need?"""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        powers = (scores - scores.max()).exp()
        return self.projection(powers / powers.sum(dim=-1, keepdim=True) @ V)


@instead_of("SelfAttention", title="last token left out of keys and values")
class last_token_cut_off(SelfAttention):
    """Nobody attends to your last token: keys and values end before it. A slice up to -1 does not contain the last
    element."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        others = x[:, :-1] if x.shape[1] > 1 else x
        Q, K, V = self.query(x), self.key(others), self.value(others)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="positions added inside the attention")
class positions_added(SelfAttention):
    """You add the position of each token inside this layer. Attention does not know the order of the tokens; a network
    that needs it adds a positional embedding once, before its first block."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        return super().forward(x + torch.arange(x.shape[1], dtype=x.dtype)[:, None] / x.shape[1])


@instead_of("SelfAttention", title="ReLU on queries and keys")
class relu_on_queries_and_keys(SelfAttention):
    """You apply a ReLU to queries and keys. They are plain linear layers: a score should be able to be negative."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        Q, K, V = self.query(x).relu(), self.key(x).relu(), self.value(x)
        scores = Q @ K.transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ V)


@instead_of("SelfAttention", title="input detached for queries and keys")
class scores_of_a_detached_input(SelfAttention):
    """Queries and keys come from a copy of the tokens that is cut out of the graph. Their layers learn, but what is before
    this layer does not learn which tokens attend to each other."""

    def __init__(self, embed_dim):
        super().__init__(embed_dim)

    def forward(self, x):
        tokens = x.detach()
        scores = self.query(tokens) @ self.key(tokens).transpose(1, 2) / x.shape[-1] ** 0.5
        return self.projection(torch.softmax(scores, dim=-1) @ self.value(x))
