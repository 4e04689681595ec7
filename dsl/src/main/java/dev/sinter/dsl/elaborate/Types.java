package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Types as they are written: what they stand for, and how an argument's type binds the symbols in
/// a parameter's.
final class Types {
  private final Expressions expressions;

  Types(Expressions expressions) {
    this.expressions = expressions;
  }

  /// The dtype of a run-time type, or empty for a dtype variable that is not bound yet.
  static Optional<DType> dtype(TypeSyntax type, Scope scope) {
    return switch (type) {
      case TypeSyntax.Tensor tensor ->
          Optional.of(
              tensor.dtype().text().equals("key")
                  ? DType.U32
                  : DType.parse(tensor.dtype().text()).orElseThrow());
      case TypeSyntax.Named named ->
          scope.find(named.name().text()) instanceof Datum.Type(DType dtype)
              ? Optional.of(dtype)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  static boolean isKey(TypeSyntax type) {
    return type instanceof TypeSyntax.Tensor tensor && tensor.dtype().text().equals("key");
  }

  /// Whether a value of this type exists at run time. `T[..S]` does; `Linear[I -> O]` does not.
  boolean isTensor(TypeSyntax type, Scope scope) {
    return type instanceof TypeSyntax.Tensor
        || (type instanceof TypeSyntax.Named named
            && named.sizes() != null
            && !expressions.isDefinition(named.name(), scope));
  }

  static List<DimSyntax> dims(TypeSyntax type) {
    return switch (type) {
      case TypeSyntax.Tensor tensor -> tensor.dims();
      case TypeSyntax.Named named when named.sizes() != null -> named.sizes().from();
      default -> List.of();
    };
  }

  /// The tensor type that is meant, all of whose symbols are bound.
  TensorType resolve(TypeSyntax type, Scope scope, @Nullable Build build) {
    DType dtype =
        dtype(type, scope)
            .orElseThrow(() ->
                Faults.of(
                    DiagnosticCode.WRONG_KIND,
                    type.span(),
                    "`" + type.span().text() + "` is no type of a run-time value"));
    if (isKey(type)) {
      return TensorType.of(DType.U32, 2);
    }
    return new TensorType(dtype, shape(dims(type), scope, build));
  }

  /// The sizes that are meant.
  List<Dim> shape(List<DimSyntax> dims, Scope scope, @Nullable Build build) {
    List<Dim> shape = new ArrayList<>();
    for (DimSyntax dim : dims) {
      switch (dim) {
        case DimSyntax.Rest rest -> {
          List<Dim> bound = scope.findRest(rest.name().text());
          if (bound == null) {
            throw unbound(rest.name());
          }
          shape.addAll(bound);
        }
        case DimSyntax.Single single -> shape.add(expressions.size(single.size(), scope, build));
      }
    }
    return shape;
  }

  private static Fault unbound(Name name) {
    return new Fault(
        Diagnostic.error(
                DiagnosticCode.UNBOUND_SIZE,
                name.span(),
                "nothing says what the size `" + name.text() + "` is")
            .note("a size is bound where it first stands alone in the type of an argument"));
  }

  /// Binds the sizes that first stand alone in `dims` to those of `actual`.
  ///
  /// @param what what has the type, for messages
  void bind(List<DimSyntax> dims, TensorType actual, Scope scope, String what, Span span) {
    int rest = rest(dims);
    int fixed = rest < 0 ? dims.size() : dims.size() - 1;
    if (rest < 0 ? actual.rank() != fixed : actual.rank() < fixed) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.RANKS_DIFFER,
                  span,
                  what
                      + " has "
                      + actual.rank()
                      + (actual.rank() == 1 ? " axis" : " axes")
                      + ", expected "
                      + (rest < 0 ? "" : "at least ")
                      + fixed)
              .note("its type is " + actual));
    }
    int spread = actual.rank() - fixed;
    int axis = 0;
    for (DimSyntax dim : dims) {
      switch (dim) {
        case DimSyntax.Rest(Name name, Span at) -> {
          if (scope.findRest(name.text()) == null) {
            scope.defineRest(name.text(), actual.shape().subList(axis, axis + spread));
          }
          axis += spread;
        }
        case DimSyntax.Single single -> {
          String symbol = loneSymbol(single.size());
          if (symbol != null && scope.find(symbol) == null) {
            scope.define(symbol, new Datum.Size(actual.dim(axis)));
          }
          axis++;
        }
      }
    }
  }

  /// Binds the one size in an axis such as `2*N` that nothing else has bound.
  void solve(
      List<DimSyntax> dims, TensorType actual, Scope scope, Build build, String what, Span span) {
    int axis = 0;
    int spread = actual.rank() - (dims.size() - 1);
    for (DimSyntax dim : dims) {
      if (dim instanceof DimSyntax.Single single) {
        Set<String> free = freeSizes(single.size(), scope);
        if (free.size() == 1) {
          solve(free.iterator().next(), single, actual.dim(axis), scope, build, what, span);
        }
        axis++;
      } else {
        axis += spread;
      }
    }
  }

  private void solve(
      String symbol,
      DimSyntax.Single single,
      Dim actual,
      Scope scope,
      Build build,
      String what,
      Span span) {
    String unknown = "?" + symbol;
    Scope trial = scope.inner();
    trial.define(symbol, new Datum.Size(Dim.symbol(unknown)));
    Dim wanted = expressions.size(single.size(), trial, build);
    Dim factor = wanted.coefficient(unknown);
    if (factor == null || factor.is(0)) {
      return;
    }
    Dim whole = actual.minus(wanted.minus(Dim.symbol(unknown).times(factor)));
    Dim value = build.facts().simplify(whole.floorDiv(factor));
    if (!build.facts().equal(value.times(factor), whole)) {
      throw Faults.of(
          DiagnosticCode.SIZES_DIFFER,
          span,
          "%s has an axis of size `%s`, which `%s` is for no `%s`"
              .formatted(what, actual, single.span().text(), symbol));
    }
    scope.define(symbol, new Datum.Size(value));
  }

  /// The sizes in an expression that nothing has bound yet.
  static Set<String> freeSizes(Expr expr, Scope scope) {
    Set<String> free = new TreeSet<>();
    String symbol = loneSymbol(expr);
    if (symbol != null && scope.find(symbol) == null) {
      free.add(symbol);
    }
    Children.of(expr).forEach(child -> free.addAll(freeSizes(child, scope)));
    return free;
  }

  private static int rest(List<DimSyntax> dims) {
    for (int i = 0; i < dims.size(); i++) {
      if (dims.get(i) instanceof DimSyntax.Rest) {
        return i;
      }
    }
    return -1;
  }

  /// The symbol that an axis of a type binds, or null.
  static @Nullable String symbol(DimSyntax dim) {
    return dim instanceof DimSyntax.Single single ? loneSymbol(single.size()) : null;
  }

  /// The name of a size that stands alone, or null.
  static @Nullable String loneSymbol(Expr expr) {
    return expr instanceof Expr.Instance instance && instance.isSize()
        ? instance.name().text()
        : null;
  }

  /// Binds a dtype variable, and reports one that is bound to another.
  void bindDtype(TypeSyntax type, DType actual, Scope scope, String what, Span span) {
    Optional<DType> declared = dtype(type, scope);
    if (declared.isEmpty() && type instanceof TypeSyntax.Named named) {
      scope.define(named.name().text(), new Datum.Type(actual));
    } else if (declared.isPresent() && declared.get() != actual) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DTYPES_DIFFER,
                  span,
                  what + " is " + actual + ", expected " + declared.get())
              .also(type.span(), "declared here")
              .help("cast it: `" + declared.get() + "(...)`"));
    }
  }

  /// The product of all constant sizes that end at axis `last`.
  private static Dim flat(TensorType type, int last) {
    Dim flat = Dim.ONE;
    for (int i = last; i >= 0 && type.dim(i).isConstant(); i--) {
      flat = flat.times(type.dim(i));
    }
    return flat;
  }

  /// Checks that `actual` is of `shape`, sizes by what is proved.
  void check(
      TensorType expected, TensorType actual, Facts facts, String what, Span span, Span declared) {
    if (expected.rank() != actual.rank()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.RANKS_DIFFER,
                  span,
                  what + " is " + actual + ", expected " + expected)
              .also(declared, "declared here"));
    }
    if (expected.dtype() != actual.dtype()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DTYPES_DIFFER,
                  span,
                  what + " is " + actual + ", expected " + expected)
              .also(declared, "declared here")
              .help("cast it: `" + expected.dtype() + "(...)`"));
    }
    for (int i = 0; i < expected.rank(); i++) {
      Dim want = expected.dim(i);
      Dim have = actual.dim(i);
      if (!facts.equal(want, have)) {
        Diagnostic fault =
            Diagnostic.error(
                    DiagnosticCode.SIZES_DIFFER,
                    span,
                    what + ": axis " + i + " has size `" + have + "`, expected `" + want + "`")
                .also(declared, "declared here as `" + declared.text() + "`")
                .note("the whole type is " + actual + ", expected " + expected);
        Dim flat = flat(actual, i);
        if (i == expected.rank() - 1 && want.isConstant() && flat.equals(want)) {
          fault =
              fault.help(
                  "make one axis of the last ones: `rearrange{n c h w -> n (c h w)}(x)`, say");
        }
        throw new Fault(
            want.isConstant() && have.isConstant()
                ? fault
                : fault.help(
                    Faults.twoNames(want, have)
                        .orElse(
                            "state what holds of the sizes with `where (...)`, or check at run time"
                                + " with `:>`")));
      }
    }
  }
}
