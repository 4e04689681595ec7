package dev.sinter.codegen.java;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.op.While;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Storage;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// Prints what belongs to one entry once its dim table is filled: the sizes of its buffers, and its
/// run.
final class EntryEmitter {
  private static final TypeName LONGS = ArrayTypeName.of(TypeName.LONG);

  private final Program program;
  private final BufferPlan plan;
  private final DimTable table;
  private final String word;
  private int nextStep;

  /// @param word the entry's name as part of a method's
  /// @param firstStep the number of its first launch
  EntryEmitter(Program program, BufferPlan plan, DimTable table, String word, int firstStep) {
    this.program = program;
    this.plan = plan;
    this.table = table;
    this.word = word;
    this.nextStep = firstStep;
  }

  /// Adds `sizesX(long[] dims, long[] bytes)`.
  void addSizes(TypeSpec.Builder type) {
    List<CodeBlock> statements = new ArrayList<>();
    for (int i = 0; i < program.buffers().size(); i++) {
      Program.Buffer buffer = program.buffers().get(i);
      Storage storage = plan.buffers().get(i).storage();
      if (storage == Storage.ARENA || storage == Storage.SCRATCH) {
        Dim size = program.bounds().most(buffer.layout().size(buffer.shape()));
        if (size.symbols().stream().anyMatch(this::isTurn)) {
          throw new CompilerBug("codegen", buffer.name() + " changes its size in a loop: " + size);
        }
        statements.add(
            CodeBlock.of(
                "bytes[$L] = bytes($S, $L, $L);\n",
                i,
                buffer.name(),
                exact(size),
                buffer.dtype().bits()));
      }
    }
    add(type, "sizes" + word, statements, parameter("dims"), parameter("bytes"));
  }

  /// Adds `runX(Frame frame)`.
  void addRun(TypeSpec.Builder type) {
    ParameterSpec frame = ParameterSpec.builder(Frame.class, "frame").build();
    Chunks chunks = new Chunks(false, List.of(frame));
    CodeBlock body = chunks.body("run" + word, statements(program.steps(), chunks, 0));
    type.addMethod(
        MethodSpec.methodBuilder("run" + word)
            .addModifiers(Modifier.PRIVATE)
            .addParameter(frame)
            .addCode(body)
            .build());
    type.addMethods(chunks.methods());
  }

  private List<CodeBlock> statements(List<Program.Step> steps, Chunks chunks, int depth) {
    List<CodeBlock> out = new ArrayList<>();
    for (Program.Step step : steps) {
      switch (step) {
        case Program.Step.Launch _, Program.Step.Blocks _, Program.Step.Extern _ ->
            out.add(CodeBlock.of("frame.launch($L);\n", nextStep++));
        case Program.Step.Measure(String symbol, int buffer) -> out.add(measure(symbol, buffer));
        case Program.Step.If(int condition, var then, var otherwise) -> {
          CodeBlock.Builder choice =
              CodeBlock.builder()
                  .beginControlFlow("if ($L)", holds(condition))
                  .add(body(then, chunks, depth));
          if (!otherwise.isEmpty()) {
            choice.nextControlFlow("else").add(body(otherwise, chunks, depth));
          }
          out.add(choice.endControlFlow().build());
        }
        case Program.Step.Repeat(String turn, Dim count, var body) -> {
          String i = "turn" + depth;
          String n = "turns" + depth;
          out.add(
              CodeBlock.builder()
                  .add("// $L\n", SpanText.safe(turn))
                  .beginControlFlow(
                      "for (long $L = 0, $L = $L; $L < $L; $L++)", i, n, inFrame(count), i, n, i)
                  .addStatement("frame.setDim($L, $L)", table.row(Dim.symbol(turn)), i)
                  .add(body(body, chunks, depth + 1))
                  .endControlFlow()
                  .build());
        }
        case Program.Step.While(int condition, long limit, boolean fails, var test, var body) -> {
          String i = "turn" + depth;
          out.add(
              CodeBlock.builder()
                  .beginControlFlow("for (long $L = 0; ; $L++)", i, i)
                  .add(body(test, chunks, depth + 1))
                  .add(end(i, limit, fails, holds(condition)))
                  .add(body(body, chunks, depth + 1))
                  .endControlFlow()
                  .build());
        }
      }
    }
    return out;
  }

  /// Leaves a loop where its condition does not hold, or after the most turns.
  private CodeBlock end(String turn, long limit, boolean fails, CodeBlock holds) {
    CodeBlock.Builder out = CodeBlock.builder();
    if (fails) {
      out.beginControlFlow("if (!($L))", holds).addStatement("break").endControlFlow();
      out.beginControlFlow("if ($L >= $LL)", turn, limit);
      out.addStatement(
          "throw new $T($S)",
          ModelException.class,
          String.valueOf(While.endless(program.name(), limit).getMessage()));
    } else {
      out.beginControlFlow("if ($L >= $LL || !($L))", turn, limit, holds).addStatement("break");
    }
    return out.endControlFlow().build();
  }

  private CodeBlock body(List<Program.Step> steps, Chunks chunks, int depth) {
    int number = nextStep;
    return chunks.body("run" + word + "Part" + number, statements(steps, chunks, depth));
  }

  /// Writes a size that data tells, and what follows from it, to the frame.
  private CodeBlock measure(String symbol, int buffer) {
    CodeBlock.Builder out = CodeBlock.builder();
    out.add("// $L\n", SpanText.safe(symbol));
    out.addStatement(
        "frame.setDim($L, $T.clamp(frame.memory($L).get($T.JAVA_LONG_UNALIGNED, frame.at($L)), 0L,"
            + " $L))",
        row(symbol),
        Math.class,
        buffer,
        ValueLayout.class,
        buffer,
        inFrame(Objects.requireNonNull(program.bounds().bounds().get(symbol))));
    for (int row = 0; row < table.rows().size(); row++) {
      Dim size = table.rows().get(row);
      if (size.symbolName() == null && size.symbols().contains(symbol)) {
        out.addStatement("frame.setDim($L, $L)", row, inFrame(size));
      }
    }
    return out.build();
  }

  private CodeBlock holds(int condition) {
    return CodeBlock.of(
        "frame.memory($L).get($T.JAVA_BYTE, frame.at($L)) != 0",
        condition,
        ValueLayout.class,
        condition);
  }

  /// A size during a run, as a Java `long`.
  CodeBlock inFrame(Dim dim) {
    return inFrame(dim, Set.of());
  }

  /// The same where some symbols are locals.
  CodeBlock inFrame(Dim dim, Set<String> locals) {
    return new DimExpression(
            name ->
                locals.contains(name)
                    ? CodeBlock.of("$L", name)
                    : lanesOr(name, () -> CodeBlock.of("frame.dim($L)", row(name))),
            false)
        .of(dim);
  }

  private CodeBlock exact(Dim dim) {
    return new DimExpression(name -> lanesOr(name, () -> CodeBlock.of("dims[$L]", row(name))), true)
        .of(dim);
  }

  private int row(String symbol) {
    return table.row(Dim.symbol(symbol));
  }

  private static CodeBlock lanesOr(String name, java.util.function.Supplier<CodeBlock> other) {
    return name.equals(LoopKernel.LANES) ? CodeBlock.of("kernels.lanes()") : other.get();
  }

  private boolean isTurn(String symbol) {
    return program.dims().contains(new Program.DimSource.OfLoop(symbol));
  }

  private void add(
      TypeSpec.Builder type, String name, List<CodeBlock> statements, ParameterSpec... params) {
    Chunks chunks = new Chunks(false, List.of(params));
    CodeBlock body = chunks.body(name, statements);
    type.addMethod(
        MethodSpec.methodBuilder(name)
            .addModifiers(Modifier.PRIVATE)
            .addParameters(List.of(params))
            .addCode(body)
            .build());
    type.addMethods(chunks.methods());
  }

  private static ParameterSpec parameter(String name) {
    return ParameterSpec.builder(LONGS, name).build();
  }
}
