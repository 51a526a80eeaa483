"""The linked way to compile (``SIMENGINE_COMPILER=linked``): a kernel in full only where Python calls it.

numba emits machine code and a wrapper for Python for every function it compiles, with everything that function calls
once more inside. A projection enters through very few functions, so most of that is thrown away. Here a kernel named
in another kernel is its `Linked` form: typed, lowered and optimised as numba does it, but kept as LLVM bitcode that its
callers take in; machine code is made only for the function Python calls. Every kernel can be called from Python all
the same: it is then compiled as a whole, on demand.

Nothing of numba is replaced for other users of the process: these are subclasses that only our kernels use. They lean
on inner classes of numba, so `jit.py` takes the plain way with a version that is not tested.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from llvmlite import binding  # type: ignore[import-untyped]
from numba.core import sigutils, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import _FunctionCompiler  # type: ignore[attr-defined]
from numba.core.registry import CPUDispatcher

from simengine.kernels.compiler.files import LINKED
from simengine.kernels.compiler.kept import KeptForms


class Library(JITCodeLibrary):
    """Optimised code of one function and of what it calls, for linking: no machine code is made of it."""

    def _optimize_functions(self, module: Any) -> None:
        """As numba, without its passes over mere declarations, which are most of a module and have no code."""
        module.data_layout = self._codegen._data_layout
        for function in module.functions:
            if not function.is_declaration:
                passes, builder = self._codegen._function_pass_manager()
                passes.run(function, builder)

    def _finalize_final_module(self) -> None:
        """As numba, without handing the module to the engine, which would emit it."""
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def bitcode(self) -> bytes:
        """What callers link."""
        return bytes(self._get_module_for_linking().as_bitcode())

    @classmethod
    def of_bitcode(cls, codegen: Any, name: str, bitcode: bytes) -> Library:
        """The library whose `bitcode` was kept."""
        library = cls(codegen, name)
        library._shared_module = binding.parse_bitcode(bitcode)
        library._final_module = library._shared_module
        library._finalized = True
        return library


class QuickFlags(Flags):
    """Compile flags that are compared by what is set. numba looks them up for every operator it types, and reads all
    options by name each time."""

    __slots__ = ()

    def __hash__(self) -> int:
        return FLAGS_HASH

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Flags) and self._values == other._values) or super().__eq__(other) is True


FLAGS_HASH = hash(Flags())  # numba's does not depend on the values


class LinkedCompiler(_FunctionCompiler):  # type: ignore[misc]
    """Compiles for linking: into a `Library`, without an entry for Python."""

    def __init__(self, function: Any, target: Any, options: Any, names: Any, pipeline: type[Compiler]) -> None:
        class IntoLibrary(pipeline):  # type: ignore[misc, valid-type]
            def define_pipelines(self) -> Any:
                self.state.library = Library(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
                return super().define_pipelines()

        super().__init__(function, target, options, names, IntoLibrary)

    def _customize_flags(self, flags: Any) -> Any:
        flags.no_compile = True
        flags.no_cpython_wrapper = True
        flags.no_cfunc_wrapper = True
        return QuickFlags(flags)


class LinkedForms(KeptForms):
    """Linked forms of one function on disk."""

    def __init__(self, function: Any, folder: Path | None) -> None:
        super().__init__(function, folder, LINKED)

    def result(self, args: Any, context: Any) -> Any:
        """The form for these types of arguments; none if it is not on disk."""
        kept = self.load(args, context.codegen())
        if kept is None:
            return None
        name, bitcode, descriptor, environment, signature, inits, environments = kept
        for start in inits:
            start()
        result: Any = CompileResult
        return result(
            typing_context=context.typing_context,
            target_context=context,
            entry_point=None,
            typing_error=None,
            type_annotation="",
            signature=signature,
            library=Library.of_bitcode(context.codegen(), name, bitcode),
            objectmode=False,
            lifted=(),
            fndesc=descriptor,
            call_helper=None,
            environment=environment,
            metadata=None,
            reload_init=inits,
            referenced_envs=environments,
        )

    def keep(self, args: Any, result: Any) -> None:
        """Keep a form."""
        library, descriptor = result.library, result.fndesc
        bitcode = library.bitcode()
        if library.has_dynamic_globals:
            return
        descriptor.typemap = descriptor.calltypes = None
        environments = tuple(result._find_referenced_environments())
        inits = result.reload_init
        parts = (library.name, bitcode, descriptor, result.environment, result.signature, inits, environments)
        self.save(args, library.codegen, parts)


class Linked(CPUDispatcher):
    """A kernel as other kernels call it. Python never does."""

    def __init__(self, function: Any, options: dict[str, Any], pipeline: type[Compiler], folder: Path | None) -> None:
        super().__init__(function, {}, options, pipeline)
        self._compiler = LinkedCompiler(function, self.targetdescr, options, {}, pipeline)
        self._forms = LinkedForms(function, folder)

    def compile(self, sig: Any) -> Any:
        """The key under which callers find the form for a signature, which is made if it is not on disk."""
        args, restype = sigutils.normalize_signature(sig)
        args = tuple(args)
        with global_compiler_lock, self._compiling_counter:
            known: Any = self.overloads.get(args)
            if known is not None:
                return known.entry_point
            self.targetctx.refresh()
            found = self._forms.result(args, self.targetctx)
            made: Any = found or self._compiler.compile(args, restype)
            result = made._replace(entry_point=object())
            self.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
            self.overloads[tuple(result.signature.args)] = result
            if not found:
                self._forms.keep(args, result)
            return result.entry_point

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:
        raise TypeError("the linked form of a kernel has no entry for Python")


class Kernel(CPUDispatcher):
    """A kernel as Python calls it; named in another kernel it is its linked form."""

    def __init__(self, function: Any, options: dict[str, Any], pipeline: type[Compiler], folder: Path | None) -> None:
        super().__init__(function, {}, options, pipeline)
        self._folder, self._pipeline = folder, pipeline

    @cached_property
    def linked(self) -> Linked:
        """The form other kernels call."""
        return Linked(self.py_func, dict(self.targetoptions), self._pipeline, self._folder)

    @property
    def _numba_type_(self) -> Any:
        return types.Dispatcher(self.linked)

    def add_overload(self, cres: Any) -> None:
        """As numba; the environments of linked functions become known where their code now stands."""
        super().add_overload(cres)
        for environment in cres.referenced_envs or cres._find_referenced_environments():
            cres.library.codegen.set_env(environment.env_name, environment)
