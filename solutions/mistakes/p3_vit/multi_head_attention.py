"""Known mistakes of `multi_head_attention`.

Each takes the place of the class of the reference solution, and most build on it. Students read its title, which is its
name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821, N801  (torch and MultiHeadsSelfAttention are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("MultiHeadsSelfAttention", title="scores not scaled")
class no_scaling(MultiHeadsSelfAttention):
    """Your scores are not divided by √d. The dot product of two vectors grows with their number of features, and the
    softmax of large scores is nearly all 0 and 1: almost no gradient passes through it."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="scores multiplied by the root instead of divided")
class multiplied_by_the_root(MultiHeadsSelfAttention):
    """Your scores are multiplied by √d instead of divided by it. Note that dividing by `d ** -0.5` multiplies by the
    root."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) * d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="scores scaled by the full embedding size")
class scaled_by_the_whole_embedding(MultiHeadsSelfAttention):
    """You divide by √embed_dim in each head. The queries and keys of a head have d = embed_dim / num_heads features:
    only those are summed."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / C**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="scores scaled by the number of heads")
class scaled_by_the_number_of_heads(MultiHeadsSelfAttention):
    """You divide by √num_heads. What makes a dot product large is the number of features that are summed: d, in each
    head."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / heads**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="scores divided by d instead of its root")
class divided_without_the_root(MultiHeadsSelfAttention):
    """You divide your scores by d instead of its square root. That is too much: they all become nearly 0, and every
    token gets the same weight."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="heads split by a view without a transpose")
class split_by_view_alone(MultiHeadsSelfAttention):
    """You split with `view(B, heads, N, d)`. The shape is right but the numbers are not: a view keeps their order in
    memory, so a head gets all features of some tokens instead of some features of all tokens. First view as (B, N,
    heads, d); which two axes do you have to swap then?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).reshape(B, heads, N, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="heads joined without a transpose")
class joined_by_view_alone(MultiHeadsSelfAttention):
    """You join the heads by reshaping (B, heads, N, d) directly to (B, N, C), which mixes tokens with heads: a reshape
    keeps the order of the numbers in memory. Go back to (B, N, heads, d) first, as it was before the split."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="heads split and joined without a transpose")
class split_and_joined_by_view_alone(MultiHeadsSelfAttention):
    """You split with `view(B, heads, N, d)` and join with another view. The shapes are right but the numbers are not: a
    view keeps their order in memory, so a head gets all features of some tokens instead of some features of all
    tokens."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).reshape(B, heads, N, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class heads_compared_instead_of_tokens(MultiHeadsSelfAttention):
    """Your scores are for pairs of heads, (B, N, heads, heads): each token only attends to itself. The heads' axis has
    to come before the tokens' axis when you take the product; which transpose is missing?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="values split without a transpose")
class values_split_by_view_alone(MultiHeadsSelfAttention):
    """You split queries and keys correctly, but the values by a `view` alone: their heads hold features of other
    tokens."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = self.value(x).reshape(B, heads, N, d)
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_queries(MultiHeadsSelfAttention):
    """Your softmax runs over the queries: the weights that one key gets from all queries sum to 1. It should be the
    weights that one query gives to all keys. Which of the axes of (B, heads, N, N) are the keys?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-2) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_heads(MultiHeadsSelfAttention):
    """Your softmax runs over the heads: for each pair of tokens, the weights of all heads sum to 1. Which axis of (B,
    heads, N, N) holds the keys?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_batch(MultiHeadsSelfAttention):
    """Your softmax runs over the batch, so the images compete with each other, and a batch of one has weights of 1.
    Which axis of (B, heads, N, N) holds the keys?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=0) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="softmax applied twice")
class softmax_twice(MultiHeadsSelfAttention):
    """You apply the softmax twice. The second one treats the weights between 0 and 1 as scores and makes them nearly
    equal."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        scores = torch.softmax(scores, dim=-1)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="softmax missing")
class no_softmax(MultiHeadsSelfAttention):
    """Your scores multiply the values as they are: they may be negative, and sum to anything. What turns scores into
    weights?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((scores @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="attention weights transposed")
class weights_transposed(MultiHeadsSelfAttention):
    """Your weights are transposed before they meet the values: token i then takes from token j the weight that j gave
    to i, and these weights do not sum to 1."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        weights = torch.softmax(scores, dim=-1).transpose(-2, -1)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="queries compared with queries")
class queries_on_both_sides(MultiHeadsSelfAttention):
    """You compare queries with queries. You compute the keys but never use them: what a token looks for and what it
    offers should be two different things."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ Q.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class keys_used_as_values(MultiHeadsSelfAttention):
    """You mix the keys with the attention weights. You compute the values but never use them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = K
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="final projection never used")
class projection_never_used(MultiHeadsSelfAttention):
    """You make the final projection in the constructor, but forward does not use it: the heads are only concatenated,
    and nothing mixes them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return (torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C)


@instead_of("MultiHeadsSelfAttention", title="final projection missing")
class no_projection(MultiHeadsSelfAttention):
    """There is no final projection: after the heads there should be a fourth linear layer, which mixes them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Identity()


@instead_of("MultiHeadsSelfAttention", title="projection applied to each head separately")
class projection_in_each_head(MultiHeadsSelfAttention):
    """You project each head by itself, with one layer for all of them. The final projection takes the concatenated
    heads: otherwise they never mix."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Linear(embed_dim // num_heads, embed_dim // num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        heads = self.projection(torch.softmax(scores, dim=-1) @ V)
        return heads.transpose(1, 2).reshape(B, N, C)


@instead_of("MultiHeadsSelfAttention", title="heads averaged instead of concatenated")
class mean_over_the_heads(MultiHeadsSelfAttention):
    """You average the heads instead of concatenating them: their mean has only d features, and the differences between
    the heads are lost."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Linear(embed_dim // num_heads, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).mean(dim=1))


@instead_of("MultiHeadsSelfAttention", title="heads added instead of concatenated")
class heads_added_up(MultiHeadsSelfAttention):
    """You add the heads and repeat the sum in place of each, instead of concatenating them: the differences between the
    heads are lost."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        summed = (torch.softmax(scores, dim=-1) @ V).sum(dim=1)
        return self.projection(summed.repeat(1, 1, heads))


@instead_of("MultiHeadsSelfAttention")
class heads_share_their_layers(MultiHeadsSelfAttention):
    """All heads share the same three layers, so they all compute the same. Each head should have its own queries, keys
    and values."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        self.query, self.key, self.value = nn.Linear(embed_dim, d), nn.Linear(embed_dim, d), nn.Linear(embed_dim, d)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        weights = torch.softmax(Q @ K.transpose(1, 2) / Q.shape[-1] ** 0.5, dim=-1)
        return self.projection((weights @ V).repeat(1, 1, self.num_heads))


@instead_of("MultiHeadsSelfAttention", title="heads with all features instead of a share")
class heads_with_all_features(MultiHeadsSelfAttention):
    """Each of your heads has embed_dim features instead of embed_dim / num_heads, so the layer grows with the number of
    heads. The heads should split the features among them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.query, self.key, self.value = (nn.Linear(embed_dim, embed_dim * num_heads) for _ in range(3))
        self.projection = nn.Linear(embed_dim * num_heads, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        Q, K, V = (layer(x).view(B, N, -1, C).transpose(1, 2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(Q @ K.transpose(-2, -1) / C**0.5, dim=-1)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, -1))


@instead_of("MultiHeadsSelfAttention", title="heads in a plain Python list")
class heads_in_a_plain_list(MultiHeadsSelfAttention):
    """The layers of your heads are in a plain Python list, where nn.Module does not find them: they are not in
    `parameters()`, so no optimizer trains them, and `.to(device)` leaves them behind. PyTorch has its own list for
    this."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        del self.query, self.key, self.value
        self.heads = [[nn.Linear(embed_dim, d) for _ in range(3)] for _ in range(num_heads)]

    def forward(self, x):
        found = []
        for layers in self.heads:
            Q, K, V = (layer(x) for layer in layers)
            weights = torch.softmax(Q @ K.transpose(1, 2) / Q.shape[-1] ** 0.5, dim=-1)
            found.append(weights @ V)
        return self.projection(torch.cat(found, dim=-1))


@instead_of("MultiHeadsSelfAttention", title="only the last head used")
class only_the_last_head(MultiHeadsSelfAttention):
    """Only your last head reaches the output: each one overwrites the one before. Collect the outputs of all heads and
    join them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        last = (torch.softmax(scores, dim=-1) @ V)[:, -1]
        return self.projection(last.repeat(1, 1, heads))


@instead_of("MultiHeadsSelfAttention")
class number_of_heads_ignored(MultiHeadsSelfAttention):
    """Your layer has only one head, whatever `num_heads` says: all features share the same attention weights."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = 1


@instead_of("MultiHeadsSelfAttention", title="number of heads fixed at two")
class number_of_heads_fixed(MultiHeadsSelfAttention):
    """Your layer always has two heads, whatever `num_heads` says. A value that is passed in as an argument should not
    be fixed in the body."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = 2 if embed_dim % 2 == 0 else 1


@instead_of("MultiHeadsSelfAttention", title="number of heads and head size swapped")
class heads_and_their_size_swapped(MultiHeadsSelfAttention):
    """You have d heads of num_heads features instead of num_heads heads of d features: the two sizes are swapped in
    your `view`."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = embed_dim // num_heads


@instead_of("MultiHeadsSelfAttention", title="scores summed over the heads")
class one_softmax_for_all_heads(MultiHeadsSelfAttention):
    """You sum the scores over the heads, so all of them have the same weights, as if there were one head. Each head
    should have its own softmax."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        scores = scores.sum(dim=1, keepdim=True)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class keys_mixed_over_the_heads(MultiHeadsSelfAttention):
    """Your heads compare their queries with keys that are mixed from several heads. A head should see only its own
    queries, keys and values."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        K = K * 0.5 + K.roll(1, dims=1) * 0.5
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class any_number_of_heads_accepted(MultiHeadsSelfAttention):
    """Your constructor accepts a number of heads that does not divide embed_dim, and the error comes later, from a
    `view` far away, or never. Refuse it with a ValueError that names both numbers."""

    def __init__(self, embed_dim, num_heads):
        nn.Module.__init__(self)
        self.num_heads = num_heads
        self.query, self.key, self.value, self.projection = (nn.Linear(embed_dim, embed_dim) for _ in range(4))


@instead_of("MultiHeadsSelfAttention", title="wrong type of exception for the number of heads")
class wrong_kind_of_error(MultiHeadsSelfAttention):
    """Your constructor refuses a number of heads that does not divide embed_dim, but with another exception than
    ValueError, which is the one for an argument with a bad value."""

    def __init__(self, embed_dim, num_heads):
        if embed_dim % num_heads:
            raise TypeError("num_heads does not divide embed_dim")
        super().__init__(embed_dim, num_heads)


@instead_of("MultiHeadsSelfAttention", title="valid numbers of heads refused")
class refuses_good_numbers_of_heads(MultiHeadsSelfAttention):
    """Your constructor refuses numbers of heads that do divide embed_dim. The remainder of embed_dim divided by
    num_heads has to be 0, in this order."""

    def __init__(self, embed_dim, num_heads):
        if num_heads % 2 and num_heads > 1:
            raise ValueError("num_heads is odd")
        super().__init__(embed_dim, num_heads)


@instead_of("MultiHeadsSelfAttention", title="keys detached from the graph")
class keys_detached(MultiHeadsSelfAttention):
    """No gradient reaches the layer of the keys, so it keeps its initial weights: the keys are detached from the graph.
    The output is still right, so this is easy to miss."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        K = K.detach()
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="values detached from the graph")
class values_detached(MultiHeadsSelfAttention):
    """No gradient reaches the layer of the values: they are detached from the graph. The output is still right, so this
    is easy to miss."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = V.data
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="input detached from the graph")
class input_detached(MultiHeadsSelfAttention):
    """You detach the input from the graph, so nothing before this layer can be trained, neither an earlier block nor
    the patch embedding."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return super().forward(x.detach())


@instead_of("MultiHeadsSelfAttention", title="dropout on the attention weights")
class dropout_on_the_weights(MultiHeadsSelfAttention):
    """There is a dropout on your attention weights, so in training the output is different at each call. This layer
    should have none: its signature has no dropout probability."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        weights = nn.functional.dropout(torch.softmax(scores, dim=-1), 0.1, self.training)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="residual connection inside the attention")
class residual_added(MultiHeadsSelfAttention):
    """You add the input to the output. This residual connection belongs to the block around the layer, which would then
    have it twice."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return x + super().forward(x)


@instead_of("MultiHeadsSelfAttention", title="input normalized inside the attention")
class normalized_input(MultiHeadsSelfAttention):
    """You normalize the input first. That LayerNorm belongs to the block around the layer, which would then have it
    twice."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return super().forward(nn.functional.layer_norm(x, x.shape[-1:]))


@instead_of("MultiHeadsSelfAttention", title="causal mask on the scores")
class causal_mask(MultiHeadsSelfAttention):
    """Your tokens do not see those that come after them. Such a mask is for text that is generated word by word; the
    patches of an image may all see each other."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        hidden = torch.ones_like(scores).triu(1).bool()
        scores = scores.masked_fill(hidden, float("-inf"))
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class queries_and_keys_normalized(MultiHeadsSelfAttention):
    """You normalize queries and keys to length 1 before you compare them, so the scores stay below 1/√d and the weights
    are nearly equal. Use the plain dot product."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        Q, K = nn.functional.normalize(Q, dim=-1), nn.functional.normalize(K, dim=-1)
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class features_compared_instead_of_tokens(MultiHeadsSelfAttention):
    """You compare features with features: QᵀK is (B, heads, d, d). Scores are for pairs of tokens, (B, heads, N, N):
    which of the two has to be transposed?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q.transpose(-2, -1) @ K / d**0.5
        heads = V @ torch.softmax(scores, dim=-1)
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="softmax that overflows")
class exponentials_of_large_scores(MultiHeadsSelfAttention):
    """Your softmax divides exponentials of the scores as they are. For scores of a few hundred these are infinite in
    float32, and infinite by infinite is NaN. A softmax stays the same if one number is subtracted from all scores of a
    query: which one keeps the exponentials at 1 or below?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        Q, K, V = (
            layer(x).view(B, N, self.num_heads, C // self.num_heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        powers = (Q @ K.transpose(-2, -1) / (C // self.num_heads) ** 0.5).exp()
        heads = powers / powers.sum(dim=-1, keepdim=True) @ V
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="weights averaged over the heads")
class weights_averaged_over_the_heads(MultiHeadsSelfAttention):
    """You average the attention weights of all heads and mix all values with the mean. Then the heads could as well be
    one: each should use its own weights for its own values."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        Q, K, V = (
            layer(x).view(B, N, self.num_heads, C // self.num_heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = Q @ K.transpose(-2, -1) / (C // self.num_heads) ** 0.5
        heads = torch.softmax(scores, dim=-1).mean(dim=1, keepdim=True) @ V
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="values of the first head in every head")
class values_of_the_first_head(MultiHeadsSelfAttention):
    """Every head mixes the values of the first one, and the other values are never used. Each head should mix its own
    part of the values: does your slice of V depend on the head?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        Q, K, V = (
            layer(x).view(B, N, self.num_heads, C // self.num_heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = Q @ K.transpose(-2, -1) / (C // self.num_heads) ** 0.5
        heads = torch.softmax(scores, dim=-1) @ V[:, :1]
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention", title="heads that see only their share of the input")
class heads_of_parts_of_the_input(MultiHeadsSelfAttention):
    """Your heads make queries, keys and values from their own share of the input's features, so their layers are d → d.
    Each head should see all features of a token: split what comes out of the layers, not what goes in."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        self.query, self.key, self.value = (
            nn.ModuleList([nn.Linear(d, d) for _ in range(num_heads)]) for _ in range(3)
        )

    def forward(self, x):
        heads = []
        for part, query, key, value in zip(x.chunk(self.num_heads, dim=-1), self.query, self.key, self.value):
            scores = query(part) @ key(part).transpose(1, 2) / part.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(part))
        return self.projection(torch.cat(heads, dim=-1))


@instead_of("MultiHeadsSelfAttention", title="final projection for each head alone")
class projection_of_each_head(MultiHeadsSelfAttention):
    """Each head has a small final projection of its own, so no output feature depends on two heads. The final projection
    gets the features of all heads side by side, and mixes them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        self.projection = nn.ModuleList([nn.Linear(d, d) for _ in range(num_heads)])

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        attended = torch.softmax(Q @ K.transpose(-2, -1) / d**0.5, dim=-1) @ V
        return torch.cat([layer(attended[:, head]) for head, layer in enumerate(self.projection)], dim=-1)


@instead_of("MultiHeadsSelfAttention", title="heads summed up before the final projection")
class sum_of_the_heads(MultiHeadsSelfAttention):
    """You add the heads and project their sum, which has only d features: the differences between the heads are lost.
    Concatenate them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Linear(embed_dim // num_heads, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).sum(dim=1))
