"""Programs that get from a library what an exercise asks to be written by hand, each in a way that hides it.

Each defines `f`. A result that equals the one of the library shows that the program works where nothing is forbidden.
"""

from __future__ import annotations

HIDDEN = "getattr(torch, 'soft' + 'max')"
NO_MODES = "torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch()"

SOFTMAX = {
    # Other libraries.
    "scipy": "from scipy import special\ndef f(x): return torch.from_numpy(special.softmax(x.numpy(), axis=1))",
    "scipy by a built name": """
import importlib
def f(x): return torch.from_numpy(importlib.import_module('sci' + 'py.special').softmax(x.numpy(), axis=1))
""",
    "scipy by __import__": """
def f(x): return torch.from_numpy(__import__('sci' + 'py.special', fromlist=['x']).softmax(x.numpy(), axis=1))
""",
    "scikit-learn": "from sklearn.utils import extmath\ndef f(x): return torch.from_numpy(extmath.softmax(x.numpy()))",
    "scikit-learn in sys.modules": """
import importlib, sys
importlib.import_module('skl' + 'earn.utils.extmath')
def f(x): return torch.from_numpy(sys.modules['skl' + 'earn.utils.extmath'].softmax(x.numpy()))
""",
    "numpy.logaddexp": """
import numpy
def f(x):
    x = x.numpy()
    return torch.from_numpy(numpy.exp(x - numpy.logaddexp.reduce(x, axis=1, keepdims=True)))
""",
    "numpy.logaddexp elsewhere": """
import numpy
umath = getattr(numpy, '_core', None) or numpy.core
def f(x):
    x = x.numpy()
    return torch.from_numpy(numpy.exp(x - getattr(umath.umath, 'log' + 'addexp').reduce(x, axis=1, keepdims=True)))
""",
    # torch's own second versions.
    "torch._refs": "import torch._refs\ndef f(x): return torch._refs.softmax(x, 1)",
    "torch._refs as F": "import torch._refs.nn.functional as R\ndef f(x): return R.softmax(x, 1)",
    "torch._decomp": "import torch._decomp.decompositions as d\ndef f(x): return d._softmax(x, 1, False)",
    "a decomposition without its decorator": """
import torch._decomp.decompositions as d
def f(x): return d._softmax.__wrapped__(x, 1, False)
""",
    "a reference in a closure": """
import torch._refs
def f(x):
    cells = [c.cell_contents for c in torch._refs.softmax.__closure__ if callable(c.cell_contents)]
    return [c for c in cells if getattr(c, '__name__', '') == 'softmax'][0](x, 1)
""",
    "the table of decompositions": """
import torch._decomp as d
def f(x): return d.get_decompositions([torch.ops.aten._softmax])[torch.ops.aten._softmax.default](x, 1, False)
""",
    "the masked softmax": "import torch.masked\ndef f(x): return torch.masked.softmax(x, 1)",
    "a distribution": "def f(x): return torch.distributions.Categorical(logits=x).probs",
    "attention with the identity": """
def f(x): return getattr(torch.nn.functional, 'scaled_dot' + '_product_attention')(
    x[None], torch.eye(x.shape[1])[None], torch.eye(x.shape[1])[None], scale=1.0)[0]
""",
    # Modes switched off.
    "function modes off": f"def f(x):\n    with torch._C.DisableTorchFunction():\n        return {HIDDEN}(x, 1)",
    "all modes off": f"def f(x):\n    with {NO_MODES}:\n        return {HIDDEN}(x, 1)",
    "below autograd": f"""
def f(x):
    with torch._C.DisableTorchFunction(), torch._C._AutoDispatchBelowAutograd(), torch._C._ExcludeDispatchKeyGuard(
        torch._C.DispatchKeySet(torch._C.DispatchKey.Python) | torch._C.DispatchKeySet(torch._C.DispatchKey.PythonTLSSnapshot)
    ):
        return {HIDDEN}(x, 1)
""",
    "modes taken off the stack": f"""
def f(x):
    from torch.utils._python_dispatch import _disable_current_modes
    taken = [torch._C._pop_torch_function_stack() for _ in range(torch._C._len_torch_function_stack())]
    try:
        with _disable_current_modes():
            return {HIDDEN}(x, 1)
    finally:
        for mode in reversed(taken):
            torch._C._push_on_torch_function_stack(mode)
""",
    "inside another mode": """
from torch.overrides import handle_torch_function
def inner(x): return getattr(torch, 'soft' + 'max')(x, 1)
class Own(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
            return inner(args[0].as_subclass(torch.Tensor))
def f(x): return torch.neg(x.as_subclass(Own))
""",
    "another backend": f"def f(x):\n    with {NO_MODES}:\n        return {HIDDEN}(x.to_mkldnn(), 1).to_dense()",
    "a nested tensor": """
import warnings
def f(x):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        nested = torch.nested.nested_tensor([x])
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return nested.softmax(-1).unbind()[0]
""",
    "a sparse tensor": """
def f(x):
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return torch.ops.aten._sparse_softmax.int(x.to_sparse(), 1).to_dense()
""",
    "an out variant": """
def f(x):
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return torch.ops.aten._softmax.out(x, 1, False, out=torch.empty_like(x))
""",
    "another entry of the dispatcher": """
def f(x):
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.XLA)
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return (x - torch.ops.aten.logsumexp.default.redispatch(keys, x, [1], True)).exp()
""",
    # Operators, traces and scripts.
    "a custom operator": f"""
@torch.library.custom_op('forbidden_programs::power', mutates_args=())
def power(x: torch.Tensor) -> torch.Tensor: return {HIDDEN}(x, 1)
def f(x): return power(x)
""",
    "an operator library": f"""
mine = torch.library.Library('forbidden_programs_2', 'DEF')
mine.define('power(Tensor x) -> Tensor')
mine.impl('power', lambda x: {HIDDEN}(x, 1), 'CPU')
def f(x): return torch.ops.forbidden_programs_2.power(x)
""",
    "a torch.fx graph": f"import torch.fx\nf = torch.fx.symbolic_trace(lambda x: {HIDDEN}(x, 1))",
    "a graph that is decomposed at import": f"""
from torch.fx.experimental.proxy_tensor import make_fx
from torch._decomp import get_decompositions
table = get_decompositions([torch.ops.aten._softmax])
graph = make_fx(lambda x: {HIDDEN}(x, 1), decomposition_table=table)(torch.ones(4, 3))
def f(x): return graph(x)
""",
    "a traced function": f"""
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    traced = torch.jit.trace(lambda x: {HIDDEN}(x, 1), torch.ones(4, 3))
def f(x): return traced(x)
""",
    "a script": f"""
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    unit = torch.jit.CompilationUnit('def power(x):\\n    return torch.softmax(x, 1)\\n')
def f(x):
    with {NO_MODES}:
        return unit.power(x)
""",
    # Threads.
    "a thread begun at import": """
import queue, threading
asked, answered = queue.Queue(), queue.Queue()
def work():
    while True:
        x = asked.get()
        try:
            answered.put(getattr(torch, 'soft' + 'max')(x, 1))
        except BaseException:
            answered.put(None)
threading.Thread(target=work, daemon=True).start()
def f(x):
    asked.put(x)
    return answered.get(timeout=5)
""",
    "a raw thread": """
import threading
def f(x):
    found, done = [], threading.Event()
    def work():
        try:
            found.append(getattr(torch, 'soft' + 'max')(x, 1))
        finally:
            done.set()
    threading._start_new_thread(work, ())
    done.wait(5)
    return found[0]
""",
    # Names that are not written.
    "a built name": "def f(x): return getattr(torch.nn.functional, 'soft' + 'max')(x, 1)",
    "attrgetter": "import operator\ndef f(x): return operator.attrgetter('nn.functional.soft' + 'max')(torch)(x, 1)",
    "methodcaller": "import operator\ndef f(x): return operator.methodcaller('soft' + 'max', 1)(x)",
    "partial": f"import functools\npower = functools.partial({HIDDEN}, dim=1)\ndef f(x): return power(x)",
    "pickle": "import pickle\ndef f(x): return pickle.loads(b'ctorch\\nsoftmax\\n.')(x, 1)",
    "exec": """
space = {'torch': torch}
exec('def g(x): return torch.soft' + 'max(x, 1)', space)
def f(x): return space['g'](x)
""",
    "eval": "def f(x): return eval('torch.soft' + 'max(x, 1)')",
    "a search of the memory": """
import gc, types
def f(x):
    gc.unfreeze()
    found = [o for o in gc.get_objects() if isinstance(o, types.FunctionType) and o.__name__ == 'soft' + 'max'
             and o.__module__ == 'torch.nn.functional']
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return found[0](x, 1)
""",
    "its code": """
import types, torch.nn.functional as F
def f(x):
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return types.FunctionType(F.softmax.__code__, vars(F), 'mine', F.softmax.__defaults__)(x, 1)
""",
    "a module's __getattr__": """
import sys, types
class Lazy(types.ModuleType):
    def __getattr__(self, name): return getattr(torch, name[::-1])
def f(x): return Lazy('lazy').xamtfos(x, 1)
""",
    "the guard's memory emptied": """
import gc
def f(x):
    for o in gc.get_objects():
        if type(o).__name__ == 'Guard':
            for value in vars(o).values():
                if isinstance(value, (dict, set, list)):
                    value.clear()
    return getattr(torch, 'soft' + 'max')(x, 1)
""",
    # Modules.
    "a layer's forward": """
import types
def f(x): return torch.nn.Softmax.forward(types.SimpleNamespace(dim=1), x)
""",
    "a subclass of a layer": """
class Power(torch.nn.Softmax):
    def __call__(self, x): return super().forward(x)
def f(x): return Power(1)(x)
""",
    "the static runtime": """
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    graph = torch.jit.CompilationUnit('def power(x):\\n    return torch.softmax(x, 1)\\n').power.graph
def f(x):
    out = torch._C._jit_to_static_module(graph)(x)
    return out if isinstance(out, torch.Tensor) else out[0]
""",
}
"""Softmax of each row."""

UNSEEN = {
    "the source of a function": """
import inspect, torch._refs
def f(x):
    source = inspect.getsource(torch._refs)
    start = source.index('def softmax(')
    space = dict(vars(torch._refs))
    exec('from __future__ import annotations\\n' + source[start:source.index('# CompositeImplicit', start)], space)
    return space['softmax'](x, 1)
""",
}
"""The same, in ways that a worker cannot tell from work by hand."""

BACKWARD = {
    "backward": "def f(x):\n    x.requires_grad_()\n    (x.tanh() ** 2).sum().backward()\n    return x.grad",
    "a gradient by a built name": """
def f(x):
    x.requires_grad_()
    return getattr(torch.autograd, 'gr' + 'ad')((x.tanh() ** 2).sum(), x)[0]
""",
    "the engine": """
def f(x):
    x.requires_grad_()
    y = (x.tanh() ** 2).sum()
    engine = torch.autograd.Variable._execution_engine
    return engine.run_backward((y,), (torch.ones(()),), False, False, (x,), True, False)[0]
""",
    "another engine": """
def f(x):
    x.requires_grad_()
    y = (x.tanh() ** 2).sum()
    return torch._C._ImperativeEngine().run_backward((y,), (torch.ones(()),), False, False, (x,), True, False)[0]
""",
    "the operator _backward": """
def f(x):
    x.requires_grad_()
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        torch.ops.aten._backward((x.tanh() ** 2).sum(), [x])
    return x.grad
""",
    "a script's backward": """
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    unit = torch.jit.CompilationUnit('def run(y):\\n    y.backward()\\n')
def f(x):
    x.requires_grad_()
    unit.run((x.tanh() ** 2).sum())
    return x.grad
""",
    "a gradient traced at import": """
from torch.fx.experimental.proxy_tensor import make_fx
graph = make_fx(torch.func.grad(lambda x: (x.tanh() ** 2).sum()))(torch.ones(4, 3))
def f(x): return graph(x)
""",
    "a gradient traced at import by the engine": """
from torch.fx.experimental.proxy_tensor import make_fx
def gradient(x):
    x = x.detach().requires_grad_()
    y = (x.tanh() ** 2).sum()
    engine = torch.autograd.Variable._execution_engine
    return engine.run_backward((y,), (torch.ones(()),), False, False, (x,), True, False)[0]
graph = make_fx(gradient)(torch.ones(4, 3))
def f(x): return graph(x)
""",
    "torch.func": "import torch.func as g\ndef f(x): return getattr(g, 'gr' + 'ad')(lambda x: (x.tanh() ** 2).sum())(x)",
    "vjp": "def f(x): return torch.func.vjp(lambda x: (x.tanh() ** 2).sum(), x)[1](torch.ones(()))[0]",
    "forward mode": """
import torch.autograd.forward_ad as fwd
def f(x):
    with fwd.dual_level():
        y = getattr(fwd, 'make' + '_dual')(x, torch.ones_like(x)).tanh() ** 2
        return fwd.unpack_dual(y).tangent
""",
    "forward mode by its operator": """
import torch.autograd.forward_ad as fwd
def f(x):
    with fwd.dual_level():
        return torch._VF._unpack_dual(torch._VF._make_dual(x, torch.ones_like(x), 0).tanh() ** 2, 0)[1]
""",
    "the functions of the graph": """
def f(x):
    x.requires_grad_()
    node = (x.tanh() ** 2).sum().grad_fn
    gradient = torch.ones(())
    while node.next_functions:
        gradient = node(gradient)
        if node.next_functions[0][0].next_functions == ():
            break
        node = node.next_functions[0][0]
    return gradient
""",
    "a function of one's own": """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.clone()
    @staticmethod
    def backward(ctx, gradient): return gradient
def f(x):
    x.requires_grad_()
    y = Square.apply((x.tanh() ** 2).sum())
    return torch._C._ImperativeEngine().run_backward((y,), (torch.ones(()),), False, False, (x,), True, False)[0]
""",
    "a backward in a thread": """
import queue, threading
asked, answered = queue.Queue(), queue.Queue()
def work():
    while True:
        x = asked.get().requires_grad_()
        y = (x.tanh() ** 2).sum()
        run = torch._C._ImperativeEngine().run_backward
        answered.put(run((y,), (torch.ones(()),), False, False, (x,), True, False)[0])
threading.Thread(target=work, daemon=True).start()
def f(x):
    asked.put(x)
    return answered.get(timeout=5)
""",
    "a closure": """
def f(x):
    x.requires_grad_()
    y = (x.tanh() ** 2).sum()
    function = torch.autograd.backward
    for cell in function.__closure__ or ():
        if callable(cell.cell_contents) and cell.cell_contents.__name__ == 'backward':
            function = cell.cell_contents
    getattr(function, '__wrapped__', function)(y)
    return x.grad
""",
    "a search of the memory for it": """
import gc, types
def f(x):
    x.requires_grad_()
    y = (x.tanh() ** 2).sum()
    gc.unfreeze()
    for o in gc.get_objects():
        if isinstance(o, types.FunctionType) and o.__module__ == 'torch.autograd' and o.__name__ == 'backward':
            try:
                o(y)
                return x.grad
            except RuntimeError:
                pass
""",
    "saved tensors without hooks": """
def f(x):
    x.requires_grad_()
    torch._C._autograd._push_saved_tensors_default_hooks(lambda x: x, lambda x: x)
    y = (x.tanh() ** 2).sum()
    torch._C._autograd._pop_saved_tensors_default_hooks()
    return torch._C._ImperativeEngine().run_backward((y,), (torch.ones(()),), False, False, (x,), True, False)[0]
""",
}
"""The gradient of sum(tanh(x)²)."""

SET_IDENTITY = """
def identity(*weights):
    with torch.no_grad():
        for weight in weights:
            weight.copy_(torch.eye(weight.shape[1]).repeat(weight.shape[0] // weight.shape[1], 1))
"""
ATTENTION = {
    "the function": "def f(x): return getattr(torch.nn.functional, 'scaled_dot' + '_product_attention')(x, x, x)",
    "its operator": """
def f(x):
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return getattr(torch.ops.aten, '_scaled_dot' + '_product_attention_math')(x, x, x)[0]
""",
    "nn.MultiheadAttention": f"""{SET_IDENTITY}
def f(x):
    layer = torch.nn.MultiheadAttention(x.shape[2], 1, bias=False, batch_first=True)
    identity(layer.in_proj_weight, layer.out_proj.weight)
    return layer.forward(x, x, x)[0].detach()
""",
    "a layer that is never initialized": """
def f(x):
    cls = torch.nn.MultiheadAttention
    layer = cls.__new__(cls)
    torch.nn.Module.__init__(layer)
    n = x.shape[2]
    layer.embed_dim, layer.num_heads, layer.head_dim, layer.dropout, layer.batch_first = n, 1, n, 0.0, True
    layer._qkv_same_embed_dim, layer.add_zero_attn = True, False
    layer.in_proj_weight = torch.nn.Parameter(torch.eye(n).repeat(3, 1))
    layer.in_proj_bias = layer.bias_k = layer.bias_v = None
    layer.out_proj = torch.nn.Linear(n, n, bias=False)
    layer.out_proj.weight = torch.nn.Parameter(torch.eye(n))
    return cls.forward(layer, x, x, x)[0].detach()
""",
    "a subclass": f"""{SET_IDENTITY}
class Mine(torch.nn.MultiheadAttention):
    def __call__(self, x): return super().forward(x, x, x)[0]
def f(x):
    layer = Mine(x.shape[2], 1, bias=False, batch_first=True)
    identity(layer.in_proj_weight, layer.out_proj.weight)
    return layer(x).detach()
""",
    "multi_head_attention_forward": """
def f(x):
    x = x.transpose(0, 1)
    one, none = torch.eye(x.shape[2]), torch.zeros(0)
    run = getattr(torch.nn.functional, 'multi_head_attention' + '_forward')
    found = run(x, x, x, x.shape[2], 1, one.repeat(3, 1), None, None, None, False, 0.0, one, None, need_weights=False)
    return found[0].transpose(0, 1)
""",
    "the native operator": """
def f(x):
    one, n = torch.eye(x.shape[2]), x.shape[2]
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch(), torch.no_grad():
        return getattr(torch, '_native_multi' + '_head_attention')(
            x, x, x, n, 1, one.repeat(3, 1), torch.zeros(3 * n), one, torch.zeros(n), need_weights=False)[0]
""",
    "timm": f"""{SET_IDENTITY}
import importlib
def f(x):
    layer = importlib.import_module('ti' + 'mm.layers').Attention(x.shape[2], num_heads=1)
    layer.fused_attn = False
    identity(layer.qkv.weight, layer.proj.weight)
    layer.proj.bias.data.zero_()
    return layer.forward(x).detach()
""",
    "torchvision": f"""{SET_IDENTITY}
import importlib
def f(x):
    module = importlib.import_module('torch' + 'vision.models.swin_transformer')
    n = x.shape[2]
    one = torch.eye(n)
    found = module.shifted_window_attention(
        x.reshape(-1, 1, x.shape[1], n), one.repeat(3, 1), one, torch.zeros(1, 1, 1, 1), [1, x.shape[1]], 1, [0, 0])
    return found.reshape(x.shape)
""",
}
"""Attention of x with itself, without any projection."""

LAYER = {
    "a layer's forward": """
def f(x, W):
    layer = torch.nn.Linear(3, 2, bias=False)
    layer.weight.data = W
    return layer.forward(x).detach()
""",
    "unbound": """
import types
def f(x, W): return torch.nn.Linear.forward(types.SimpleNamespace(weight=W, bias=None), x)
""",
    "the function of a layer": """
def f(x, W):
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        return getattr(torch.nn.functional, 'lin' + 'ear')(x, W)
""",
    "the operator of a layer": "def f(x, W): return torch.ops.aten.linear(x, W)",
    "a pickled layer": """
import pickle
data = b'\\x80\\x02ctorch.nn\\nLinear\\n.'
def f(x, W):
    cls = pickle.loads(data)
    layer = cls.__new__(cls)
    torch.nn.Module.__init__(layer)
    layer.weight, layer.bias = torch.nn.Parameter(W), None
    return layer(x).detach()
""",
}
"""x Wᵀ by a layer."""
