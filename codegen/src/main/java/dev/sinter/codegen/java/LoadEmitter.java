package dev.sinter.codegen.java;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/// Prints the program that makes weights of others when a model is loaded: in memory of its own,
/// which is freed once all weights are packed.
final class LoadEmitter {
  /// Buffers begin at multiples of this, as kernels expect, with as much free behind them.
  private static final long ALIGNMENT = 64;

  private final Program program;
  private final GeneratedNames names;
  private final long[] at;
  private long bytes;

  LoadEmitter(Program program, GeneratedNames names) {
    this.program = program;
    this.names = names;
    this.at = new long[program.buffers().size()];
    for (int i = 0; i < at.length; i++) {
      Program.Buffer buffer = program.buffers().get(i);
      if (!buffer.layout().equals(Layout.rowMajor(buffer.shape().size()))) {
        throw new CompilerBug("codegen", buffer.name() + " is packed before the weights are");
      }
      if (buffer.alias().isPresent()) {
        at[i] = at[buffer.alias().get()];
      } else {
        at[i] = bytes;
        bytes += Math.ceilDiv(size(buffer), ALIGNMENT) * ALIGNMENT + ALIGNMENT;
      }
    }
  }

  private static long size(Program.Buffer buffer) {
    return buffer.dtype().bytes(Dim.product(buffer.shape()).constant());
  }

  /// The bytes of all buffers.
  long bytes() {
    return bytes;
  }

  /// The result that the entries know as `weight`.
  Program.Buffer result(String weight) {
    return program.buffers().get(number(weight));
  }

  /// Where that result lies in the memory `made`.
  CodeBlock from(String weight) {
    int number = number(weight);
    return CodeBlock.of("made.asSlice($LL, $LL)", at[number], size(program.buffers().get(number)));
  }

  private int number(String weight) {
    for (int i = 0; i < at.length; i++) {
      Program.Buffer buffer = program.buffers().get(i);
      if (buffer.origin() instanceof Program.Origin.Output && buffer.name().equals(weight)) {
        return i;
      }
    }
    throw new CompilerBug("codegen", "no parameter and nothing made at load is called " + weight);
  }

  /// Adds the method `load`, which fills `made`.
  ///
  /// @param parameter the number of a parameter
  /// @param constant the call that gives the bytes of a constant
  void addTo(
      TypeSpec.Builder type,
      ToIntFunction<String> parameter,
      Function<Tensor, CodeBlock> constant) {
    List<CodeBlock> statements = new ArrayList<>();
    for (int i = 0; i < at.length; i++) {
      Program.Buffer buffer = program.buffers().get(i);
      switch (buffer.origin()) {
        case Program.Origin.Weight(String name) ->
            statements.add(copy(CodeBlock.of("parameters[$L]", parameter.applyAsInt(name)), i));
        case Program.Origin.Constant(Tensor tensor) ->
            statements.add(copy(constant.apply(tensor), i));
        case Program.Origin.Output _, Program.Origin.Temporary _ -> {}
        case Program.Origin.Input _, Program.Origin.State _ ->
            throw new CompilerBug("codegen", buffer.name() + " is not known at load");
      }
    }
    for (Program.Step step : program.steps()) {
      if (!(step instanceof Program.Step.Launch launch)) {
        throw new CompilerBug("codegen", "a step at load is no launch: " + step);
      }
      statements.add(call(launch));
    }
    List<ParameterSpec> params =
        List.of(
            ParameterSpec.builder(ArrayTypeName.of(MemorySegment.class), "parameters").build(),
            ParameterSpec.builder(MemorySegment.class, "made").build());
    Chunks chunks = new Chunks(false, params);
    type.addMethod(
        MethodSpec.methodBuilder("load")
            .addJavadoc("Makes weights of others.\n")
            .addModifiers(javax.lang.model.element.Modifier.PRIVATE)
            .returns(TypeName.VOID)
            .addParameters(params)
            .addCode(chunks.body("load", statements))
            .build());
    type.addMethods(chunks.methods());
  }

  private CodeBlock copy(CodeBlock from, int buffer) {
    return CodeBlock.of(
        "$T.copy($L, 0, made, $LL, $LL); // $L\n",
        MemorySegment.class,
        from,
        at[buffer],
        size(program.buffers().get(buffer)),
        SpanText.safe(program.buffers().get(buffer).name()));
  }

  private CodeBlock call(Program.Step.Launch launch) {
    CodeBlock.Builder out = CodeBlock.builder();
    SpanText.comments(launch.spans()).forEach(line -> out.add("// $L\n", line));
    out.add("kernels.$L(\n", names.kernels().get(launch.kernel())).indent().indent();
    for (int buffer : launch.buffers()) {
      String name = SpanText.safe(program.buffers().get(buffer).name());
      out.add("made, $LL, // $L\n", at[buffer], name);
    }
    launch.sizes().forEach(size -> out.add("$L,\n", Math.toIntExact(size.constant())));
    return out.add("0,\n1);\n").unindent().unindent().build();
  }
}
