package dev.sinter.codegen.java;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A [Dim] as a Java expression of type `long`.
///
/// @param symbols the Java expression of a symbol
/// @param exact whether an overflow throws [ArithmeticException]; else the caller knows that there
///   is none
record DimExpression(Function<String, CodeBlock> symbols, boolean exact) {
  /// The expression, in parentheses where it is not one operand.
  CodeBlock of(Dim dim) {
    List<Dim.Term> terms = dim.terms();
    if (dim.isConstant()) {
      return literal(dim.constant());
    }
    CodeBlock sum = null;
    for (Dim.Term term : terms) {
      if (sum == null) {
        sum = product(term.coefficient(), term.atoms());
      } else if (exact) {
        sum = call("addExact", sum, product(term.coefficient(), term.atoms()));
      } else if (term.coefficient() < 0 && term.coefficient() != Long.MIN_VALUE) {
        sum = CodeBlock.of("$L - $L", sum, product(-term.coefficient(), term.atoms()));
      } else {
        sum = CodeBlock.of("$L + $L", sum, product(term.coefficient(), term.atoms()));
      }
    }
    CodeBlock all = java.util.Objects.requireNonNull(sum);
    boolean single = terms.size() == 1 && terms.getFirst().atoms().size() == 1;
    return exact || (single && terms.getFirst().coefficient() == 1)
        ? all
        : CodeBlock.of("($L)", all);
  }

  private CodeBlock product(long coefficient, List<Atom> atoms) {
    List<CodeBlock> factors = new ArrayList<>();
    atoms.forEach(atom -> factors.add(atom(atom)));
    if (coefficient != 1 || factors.isEmpty()) {
      factors.add(literal(coefficient));
    }
    CodeBlock product = factors.getFirst();
    for (CodeBlock factor : factors.subList(1, factors.size())) {
      product =
          exact ? call("multiplyExact", product, factor) : CodeBlock.of("$L * $L", product, factor);
    }
    return product;
  }

  private CodeBlock atom(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) -> symbols.apply(name);
      case Atom.FloorQuotient(Dim a, Dim b) -> call("floorDiv", of(a), of(b));
      case Atom.Max(Dim a, Dim b) -> call("max", of(a), of(b));
      case Atom.Min(Dim a, Dim b) -> call("min", of(a), of(b));
    };
  }

  private static CodeBlock call(String function, CodeBlock left, CodeBlock right) {
    return CodeBlock.of("$T.$L($L, $L)", Math.class, function, left, right);
  }

  private static CodeBlock literal(long value) {
    return CodeBlock.of("$LL", value);
  }
}
