package dev.sinter.codegen.java;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.ShapeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// Prints how an entry's dim table is filled from the sizes of its inputs and of the states that
/// its plan asks, and what is checked of them.
final class BindEmitter {
  private static final TypeName LONGS = ArrayTypeName.of(TypeName.LONG);

  private final Program program;
  private final BufferPlan plan;
  private final DimTable table;
  private final ModelSpec spec;
  private final List<CodeBlock> statements = new ArrayList<>();

  BindEmitter(Program program, BufferPlan plan, DimTable table, ModelSpec spec) {
    this.program = program;
    this.plan = plan;
    this.table = table;
    this.spec = spec;
  }

  /// Adds `bindX(long[] inputDims, long[] dims)`.
  ///
  /// @param word the entry's name as part of a method's
  void addTo(TypeSpec.Builder type, String word) {
    Set<Integer> known = new HashSet<>();
    for (Program.DimSource source : program.dims()) {
      int row = table.row(Dim.symbol(source.symbol()));
      known.add(row);
      switch (source) {
        case Program.DimSource.OfInput(
                String symbol,
                int input,
                int axis,
                Dim factor,
                Dim rest) -> {
          Program.Buffer buffer = buffer(input);
          addSolved(symbol, firstDim(input) + axis, buffer.name(), axis, factor, rest);
        }
        case Program.DimSource.OfState(
                String symbol,
                String state,
                int axis,
                Dim factor,
                Dim rest) -> {
          int at = firstDim(state) + axis;
          addFilled(symbol, at, state);
          addSolved(symbol, at, "state " + state, axis, factor, rest);
        }
        // Told by a run.
        case Program.DimSource.OfValue(String symbol, Dim bound) ->
            statements.add(CodeBlock.of("dims[$L] = -1; // $L\n", row, SpanText.safe(symbol)));
        // Set anew by each turn.
        case Program.DimSource.OfLoop(String symbol) ->
            statements.add(CodeBlock.of("dims[$L] = 0; // $L\n", row, SpanText.safe(symbol)));
      }
    }
    for (int row = 0; row < table.rows().size(); row++) {
      if (!known.contains(row) && RuntimeSize.isIn(table.rows().get(row))) {
        statements.add(CodeBlock.of("dims[$L] = -1;\n", row));
      } else if (!known.contains(row)) {
        statements.add(CodeBlock.of("dims[$L] = $L;\n", row, exact(table.rows().get(row))));
      }
    }
    addInputChecks();
    addFactChecks();
    List<ParameterSpec> params =
        List.of(
            ParameterSpec.builder(LONGS, "inputDims").build(),
            ParameterSpec.builder(LONGS, "dims").build());
    Chunks chunks = new Chunks(false, params);
    CodeBlock body = chunks.body("bind" + word, statements);
    type.addMethod(
        MethodSpec.methodBuilder("bind" + word)
            .addModifiers(Modifier.PRIVATE)
            .addParameters(params)
            .addCode(body)
            .build());
    type.addMethods(chunks.methods());
  }

  private Program.Buffer buffer(int input) {
    return program.buffers().get(plan.inputs().get(input).buffer());
  }

  /// The place of an input's first dim among all that come in.
  private int firstDim(int input) {
    return plan.inputs().stream().limit(input).mapToInt(port -> port.dims().size()).sum();
  }

  /// The place of a state's first dim: the states that are asked come after the inputs.
  private int firstDim(String state) {
    int at = firstDim(plan.inputs().size());
    for (int number : plan.asked()) {
      if (spec.states().get(number).name().equals(state)) {
        break;
      }
      at += spec.states().get(number).dims().size();
    }
    return at;
  }

  private void addFilled(String symbol, int at, String state) {
    statements.add(
        CodeBlock.builder()
            .beginControlFlow("if (inputDims[$L] < 0)", at)
            .addStatement(
                "throw new $T($S)",
                ShapeException.class,
                "state %s has no value yet, and no input of %s tells %s: set the state first"
                    .formatted(state, program.name(), symbol))
            .endControlFlow()
            .build());
  }

  /// The symbol of which the size at `at` is `factor * symbol + rest`.
  private void addSolved(String symbol, int at, String owner, int axis, Dim factor, Dim rest) {
    int row = row(symbol);
    if (factor.is(1) && rest.is(0)) {
      statements.add(
          CodeBlock.of("dims[$L] = inputDims[$L]; // $L\n", row, at, SpanText.safe(symbol)));
      return;
    }
    CodeBlock multiple =
        rest.is(0)
            ? CodeBlock.of("inputDims[$L]", at)
            : CodeBlock.of("$T.subtractExact(inputDims[$L], $L)", Math.class, at, exact(rest));
    if (factor.is(1)) {
      statements.add(CodeBlock.of("dims[$L] = $L; // $L\n", row, multiple, SpanText.safe(symbol)));
      return;
    }
    Dim size = factor.times(Dim.symbol(symbol)).plus(rest);
    CodeBlock zero =
        factor.isConstant() ? CodeBlock.of("") : CodeBlock.of("$L == 0 || ", exact(factor));
    statements.add(
        CodeBlock.builder()
            .beginControlFlow("if ($L$L % $L != 0)", zero, multiple, exact(factor))
            .add("throw new $T(\n", ShapeException.class)
            .add(
                "    $S + inputDims[$L] + $S);\n",
                "dim %d of %s is %s, which ".formatted(axis, owner, size),
                at,
                factor.isConstant() && rest.is(0)
                    ? " is not: no multiple of " + factor
                    : " is for no " + symbol)
            .endControlFlow()
            .addStatement("dims[$L] = $L / $L", row, multiple, exact(factor))
            .build());
  }

  private CodeBlock exact(Dim dim) {
    return new DimExpression(name -> CodeBlock.of("dims[$L]", row(name)), true).of(dim);
  }

  private int row(String symbol) {
    return table.row(Dim.symbol(symbol));
  }

  /// The runtime compares dims with constants and equal symbols; what is an expression, here.
  private void addInputChecks() {
    for (int input = 0; input < plan.inputs().size(); input++) {
      Program.Buffer buffer = buffer(input);
      for (int axis = 0; axis < buffer.shape().size(); axis++) {
        Dim dim = buffer.shape().get(axis);
        if (!dim.isConstant() && dim.symbolName() == null) {
          int at = firstDim(input) + axis;
          statements.add(
              CodeBlock.builder()
                  .beginControlFlow("if (inputDims[$L] != dims[$L])", at, table.row(dim))
                  .add("throw new $T(\n", ShapeException.class)
                  .add(
                      "    $S + dims[$L] + $S + inputDims[$L]);\n",
                      "dim " + axis + " of " + buffer.name() + " is " + dim + " = ",
                      table.row(dim),
                      ", not ",
                      at)
                  .endControlFlow()
                  .build());
        }
      }
    }
  }

  private void addFactChecks() {
    Set<String> bounded = new HashSet<>();
    for (Facts.Fact fact : program.facts().facts()) {
      if (fact instanceof Facts.Fact.AtLeast(Dim left, Dim right) && right.isConstant()) {
        bounded.addAll(left.symbolName() == null ? Set.of() : Set.of(left.symbolName()));
      }
      switch (fact) {
        case Facts.Fact.AtLeast(Dim left, Dim right) ->
            addCheck(
                left,
                "<",
                right,
                left.isConstant() ? right + " <= " + left : left + " >= " + right);
        case Facts.Fact.Equal(Dim left, Dim right) ->
            addCheck(left, "!=", right, left + " == " + right);
        case Facts.Fact.Divides(Dim divisor, Dim dim) ->
            addCheck(dim.mod(divisor), "!=", Dim.ZERO, dim + " to be a multiple of " + divisor);
      }
    }
    for (Program.DimSource source : program.dims()) {
      String symbol = source.symbol();
      if (!isTurn(symbol) && !RuntimeSize.isName(symbol) && !bounded.contains(symbol)) {
        addCheck(Dim.symbol(symbol), "<", Dim.ONE, symbol + " >= 1");
      }
    }
  }

  private void addCheck(Dim left, String broken, Dim right, String fact) {
    Set<String> symbols = new java.util.TreeSet<>(left.symbols());
    symbols.addAll(right.symbols());
    if (symbols.isEmpty()
        || symbols.stream()
            .anyMatch(s ->
                isTurn(s)
                    || RuntimeSize.isName(s)
                    || !table.numbers().containsKey(Dim.symbol(s)))) {
      return;
    }
    CodeBlock.Builder values = CodeBlock.builder();
    String before = program.name() + " needs " + fact + ", but ";
    for (String symbol : symbols) {
      values.add(values.isEmpty() ? "" : " + ");
      values.add("$S + dims[$L]", before + symbol + " is ", row(symbol));
      before = ", ";
    }
    statements.add(
        CodeBlock.builder()
            .beginControlFlow("if ($L $L $L)", exact(left), broken, exact(right))
            .add("throw new $T(\n    $L);\n", ShapeException.class, values.build())
            .endControlFlow()
            .build());
  }

  private boolean isTurn(String symbol) {
    return program.dims().contains(new Program.DimSource.OfLoop(symbol));
  }
}
