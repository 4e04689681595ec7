package dev.sinter.passes.gpu;

import dev.sinter.ir.Atom;
import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Special;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A place in the code where some axes have values: what depends on no more than them is computed
/// here, once.
///
/// An axis is bound to an expression over sizes and *register symbols*, which begin with `%` like
/// axes and stand for registers. An expression or a value is computed in the outermost scope that
/// knows its symbols. A scope may have several parents that do not know of one another: in a tile
/// of a result, an element has a row and a column.
final class Scope {
  /// The register symbol of the thread's number in its block.
  static final Dim THREAD = Dim.symbol("%thread");

  /// The register symbol of the block's number.
  static final Dim BLOCK = Dim.symbol("%block");

  private final List<Scope> parents;
  private final ThreadCode code;
  private final Optional<Register> valid;
  private final Map<String, Dim> axes = new HashMap<>();
  private final Map<String, Register> symbols = new HashMap<>();
  private final Map<Dim, Register> indices = new HashMap<>();
  private final Map<Integer, Register> values = new HashMap<>();
  private @Nullable Quad quad;

  /// One of four consecutive points.
  ///
  /// @param loads how all four are loaded at once
  /// @param axis the axis along which they lie
  /// @param lane which of them this is
  record Quad(QuadLoads loads, String axis, int lane) {}

  private Scope(List<Scope> parents, ThreadCode code, Optional<Register> valid) {
    this.parents = parents;
    this.code = code;
    this.valid = valid;
  }

  /// The outermost scope, in which the thread and the block have numbers.
  static Scope root(ThreadCode code) {
    Scope root = new Scope(List.of(), code, Optional.empty());
    root.symbols.put("%thread", code.define(new Expr.Own(Special.THREAD)));
    root.symbols.put("%block", code.define(new Expr.Own(Special.BLOCK)));
    return root;
  }

  /// A scope inside this one.
  ///
  /// @param into where its code goes
  /// @param valid where it holds, loads may be done
  Scope inside(ThreadCode into, Optional<Register> valid) {
    return new Scope(List.of(this), into, valid);
  }

  /// A scope inside `left` and `right`; it is valid where both are.
  static Scope joined(ThreadCode into, Scope left, Scope right) {
    Optional<Register> valid =
        left.valid.isPresent() && right.valid.isPresent()
            ? Optional.of(into.apply(ScalarFn.AND, left.valid.get(), right.valid.get()))
            : left.valid.or(() -> right.valid);
    return new Scope(List.of(left, right), into, valid);
  }

  ThreadCode code() {
    return code;
  }

  Optional<Register> valid() {
    return valid;
  }

  Map<Integer, Register> values() {
    return values;
  }

  @Nullable Quad quad() {
    return quad;
  }

  Scope withQuad(Quad other) {
    quad = other;
    return this;
  }

  /// Binds an axis to an expression.
  Scope bind(String axis, Dim value) {
    axes.put(axis, value);
    return this;
  }

  /// Binds `group`, the last of which runs fastest, to the point number `linear`; where that is too
  /// large, the first axis is.
  Scope bind(List<Axis> group, Dim linear) {
    Dim rest = linear;
    for (int i = group.size() - 1; i >= 0; i--) {
      Axis axis = group.get(i);
      bind(axis.symbol(), i == 0 ? rest : rest.mod(axis.extent()));
      rest = i == 0 ? rest : rest.floorDiv(axis.extent());
    }
    return this;
  }

  /// A symbol for a register that is defined in this scope and never negative.
  Dim symbol(Register register) {
    String name = "%r" + register.number();
    symbols.put(name, register);
    return Dim.symbol(name);
  }

  /// A symbol for the value of `dim`, which is computed now.
  Dim computed(Dim dim) {
    return symbol(index(dim));
  }

  /// Whether this scope or one around it binds all of `names`.
  boolean binds(Set<String> names) {
    return names.stream().allMatch(name -> bound(name) != null);
  }

  private @Nullable Dim bound(String axis) {
    Dim own = axes.get(axis);
    for (int i = 0; own == null && i < parents.size(); i++) {
      own = parents.get(i).bound(axis);
    }
    return own;
  }

  /// The outermost scope in which all of `names` are bound to what they are bound to here: a
  /// reduction binds an axis anew that a point has already.
  Scope home(Set<String> names) {
    if (names.stream().anyMatch(axes::containsKey)) {
      return this;
    }
    for (Scope parent : parents) {
      if (parent.binds(names)) {
        return parent.home(names);
      }
    }
    return this;
  }

  /// `expr` with the axes replaced by what they are bound to.
  Dim resolved(Dim expr) {
    Map<String, Dim> bindings = new HashMap<>();
    for (String symbol : expr.symbols()) {
      Dim value = bound(symbol);
      if (value != null) {
        bindings.put(symbol, value);
      }
    }
    return expr.substitute(bindings);
  }

  private boolean knows(Set<String> names) {
    return names.stream().allMatch(name -> register(name) != null);
  }

  private @Nullable Register register(String symbol) {
    Register own = symbols.get(symbol);
    for (int i = 0; own == null && i < parents.size(); i++) {
      own = parents.get(i).register(symbol);
    }
    return own;
  }

  private Scope homeOfSymbols(Set<String> names) {
    for (Scope parent : parents) {
      if (parent.knows(names)) {
        return parent.homeOfSymbols(names);
      }
    }
    return this;
  }

  /// The value of an expression over axes, register symbols and sizes, as `i32`.
  Register index(Dim expr) {
    Dim dim = resolved(expr);
    Set<String> names = new HashSet<>(dim.symbols());
    names.removeIf(name -> !name.startsWith("%"));
    Scope home = homeOfSymbols(names);
    Register known = home.indices.get(dim);
    if (known == null) {
      known = home.compute(dim);
      home.indices.put(dim, known);
    }
    return known;
  }

  private Register compute(Dim dim) {
    if (dim.isConstant()) {
      return code.integer(dim.constant());
    }
    List<Dim.Term> terms = dim.terms();
    if (terms.size() == 1) {
      return product(terms.getFirst());
    }
    Register sum = null;
    // What is added comes first, so that nothing needs to be negated.
    for (boolean added : new boolean[] {true, false}) {
      for (Dim.Term term : terms) {
        if (term.coefficient() > 0 == added) {
          Register part = index(added ? term.dim() : term.dim().times(-1));
          sum =
              sum == null
                  ? added ? part : code.apply(ScalarFn.NEG, part)
                  : code.apply(added ? ScalarFn.ADD : ScalarFn.SUB, sum, part);
        }
      }
    }
    return Objects.requireNonNull(sum);
  }

  private Register product(Dim.Term term) {
    List<Atom> atoms = term.atoms();
    if (term.coefficient() != 1) {
      Register rest = index(new Dim.Term(1, atoms).dim());
      return code.apply(ScalarFn.MUL, rest, index(Dim.of(term.coefficient())));
    }
    if (atoms.size() > 1) {
      Register rest = index(new Dim.Term(1, atoms.subList(0, atoms.size() - 1)).dim());
      return code.apply(ScalarFn.MUL, rest, index(new Dim.Term(1, List.of(atoms.getLast())).dim()));
    }
    return switch (atoms.getFirst()) {
      case Atom.Symbol(String name) when name.startsWith("%") -> {
        Register register = register(name);
        if (register == null) {
          throw new CompilerBug("GpuLowering", "the axis " + name + " has no value here");
        }
        yield register;
      }
      case Atom.Symbol(String name) -> code.define(new Expr.Size(name));
      case Atom.FloorQuotient(Dim a, Dim b) -> quotient(a, b);
      case Atom.Max(Dim a, Dim b) -> code.apply(ScalarFn.MAX, index(a), index(b));
      case Atom.Min(Dim a, Dim b) -> code.apply(ScalarFn.MIN, index(a), index(b));
    };
  }

  private Register quotient(Dim a, Dim b) {
    Register numerator = index(a);
    Register denominator = index(b);
    Register truncated = code.apply(ScalarFn.DIV, numerator, denominator);
    if (neverNegative(a)) {
      return truncated;
    }
    Register rest =
        code.apply(ScalarFn.SUB, numerator, code.apply(ScalarFn.MUL, truncated, denominator));
    Register below = code.apply(ScalarFn.LT, rest, code.integer(0));
    return code.apply(ScalarFn.SUB, truncated, code.cast(RegisterType.I32, below));
  }

  /// Whether `dim` is at least 0, as far as its terms tell: no symbol stands for less.
  private static boolean neverNegative(Dim dim) {
    return dim.terms().stream()
        .allMatch(term ->
            term.coefficient() >= 0 && term.atoms().stream().allMatch(Scope::neverNegative));
  }

  private static boolean neverNegative(Atom atom) {
    return switch (atom) {
      case Atom.Symbol _ -> true;
      case Atom.FloorQuotient(Dim a, Dim b) -> neverNegative(a) && neverNegative(b);
      case Atom.Max(Dim a, Dim b) -> neverNegative(a) || neverNegative(b);
      case Atom.Min(Dim a, Dim b) -> neverNegative(a) && neverNegative(b);
    };
  }

  /// Whether `left < right`.
  Register below(Dim left, Dim right) {
    return code.apply(ScalarFn.LT, index(left), index(right));
  }
}
