package dev.sinter.codegen.java;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.Sorting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// Prints the steps that run on all threads: for each launch the call of its kernel, for each
/// extern that of the runtime's algorithm, with the lines of the model that it computes.
final class StepEmitter {
  /// Characters of source in a method; bytecode is shorter than its text.
  private static final int LIMIT = 6_000;

  private static final List<ParameterSpec> PARAMS =
      List.of(
          ParameterSpec.builder(int.class, "step").build(),
          ParameterSpec.builder(Frame.class, "frame").build(),
          ParameterSpec.builder(int.class, "part").build(),
          ParameterSpec.builder(int.class, "parts").build());

  private final GeneratedNames names;
  private final List<CodeBlock> cases = new ArrayList<>();
  private final List<MethodSpec> methods = new ArrayList<>();

  StepEmitter(GeneratedNames names) {
    this.names = names;
  }

  /// The number of such steps so far.
  int count() {
    return cases.size();
  }

  /// Adds the steps of an entry in the order of its text.
  void addEntry(Program program, EntryEmitter entry) {
    for (Program.Step step : program.parallelSteps()) {
      switch (step) {
        case Program.Step.Launch launch -> cases.add(call(launch, program, entry));
        case Program.Step.Blocks blocks -> addBlocks(blocks, program, entry);
        case Program.Step.Extern extern -> cases.add(call(extern, program, entry));
        case Program.Step.Measure _,
            Program.Step.If _,
            Program.Step.Repeat _,
            Program.Step.While _ ->
            throw new CompilerBug("emit", "no step of all threads: " + step);
      }
    }
  }

  /// The case of the next step, up to where its arguments begin.
  private CodeBlock.Builder open(List<Span> spans, Object method) {
    CodeBlock.Builder out = CodeBlock.builder();
    SpanText.comments(spans).forEach(line -> out.add("// $L\n", line));
    out.add("case $L ->\n", cases.size()).indent().indent();
    return out.add("$L(\n", method).indent().indent();
  }

  private static void addBuffers(CodeBlock.Builder out, List<Integer> buffers, Program program) {
    for (int number : buffers) {
      Program.Buffer buffer = program.buffers().get(number);
      boolean own = buffer.origin().equals(new Program.Origin.Temporary(true));
      out.add(
          own
              ? "frame.memory($L), frame.at($L, part), // $L\n"
              : "frame.memory($L), frame.at($L), // $L\n",
          number,
          number,
          SpanText.safe(buffer.name()));
    }
  }

  private static CodeBlock close(CodeBlock.Builder out) {
    out.add("part,\nparts);\n").unindent().unindent().unindent().unindent();
    return out.build();
  }

  private CodeBlock call(Program.Step.Extern extern, Program program, EntryEmitter entry) {
    Object method =
        switch (extern.extern()) {
          case SORT -> CodeBlock.of("$T.descending", Sorting.class);
        };
    CodeBlock.Builder out = open(List.of(extern.span()), method);
    Program.Buffer x = program.buffers().get(extern.buffers().getFirst());
    out.add("$T.$L,\n", DType.class, x.dtype().name());
    addBuffers(out, extern.buffers(), program);
    int last = x.shape().size() - 1;
    out.add("$L,\n", entry.inFrame(Dim.product(x.shape().subList(0, last))));
    out.add("$L,\n", entry.inFrame(x.shape().get(last)));
    return close(out);
  }

  private CodeBlock call(Program.Step.Launch launch, Program program, EntryEmitter entry) {
    CodeBlock.Builder out = open(launch.spans(), method(launch));
    addArguments(out, launch, program, entry, Set.of());
    return close(out);
  }

  private String method(Program.Step.Launch launch) {
    return "kernels." + names.kernels().get(launch.kernel());
  }

  private static void addArguments(
      CodeBlock.Builder out,
      Program.Step.Launch launch,
      Program program,
      EntryEmitter entry,
      Set<String> locals) {
    addBuffers(out, launch.buffers(), program);
    for (Dim size : launch.sizes()) {
      if (size.isConstant()) {
        out.add("$L,\n", Math.toIntExact(size.constant()));
      } else if (locals.contains(size.toString())) {
        out.add("(int) $L,\n", size);
      } else {
        out.add("(int) $L, // $L\n", entry.inFrame(size, locals), SpanText.safe(size.toString()));
      }
    }
  }

  /// A method that does the blocks of a part, and the case that calls it.
  private void addBlocks(Program.Step.Blocks blocks, Program program, EntryEmitter entry) {
    String name = "blocks" + cases.size();
    String block = blocks.block();
    Set<String> locals = new HashSet<>(Set.of(block));
    CodeBlock.Builder code = CodeBlock.builder();
    code.addStatement("long count = $L", entry.inFrame(blocks.count()));
    code.addStatement("long end = $T.begin(count, part + 1, parts)", Frame.class);
    code.beginControlFlow(
        "for (long $L = $T.begin(count, part, parts); $L < end; $L++)",
        block,
        Frame.class,
        block,
        block);
    for (Program.Step.Blocks.Index index : blocks.indices()) {
      code.addStatement("long $L = $L", index.symbol(), entry.inFrame(index.value(), locals));
      locals.add(index.symbol());
    }
    for (Program.Step.Launch launch : blocks.body()) {
      SpanText.comments(launch.spans()).forEach(line -> code.add("// $L\n", line));
      code.add("$L(\n", method(launch)).indent().indent();
      addArguments(code, launch, program, entry, locals);
      code.add("0,\n1);\n").unindent().unindent();
    }
    methods.add(
        MethodSpec.methodBuilder(name)
            .addModifiers(Modifier.PRIVATE)
            .addParameters(PARAMS.subList(1, PARAMS.size()))
            .addCode(code.endControlFlow().build())
            .build());
    cases.add(CodeBlock.of("case $L -> $L(frame, part, parts);\n", cases.size(), name));
  }

  /// Adds `step(int step, Frame frame, int part, int parts)`, cut so that no method is too long for
  /// the JIT.
  void addTo(TypeSpec.Builder type) {
    List<Integer> firsts = new ArrayList<>();
    int size = LIMIT;
    for (int i = 0; i < cases.size(); i++) {
      int length = cases.get(i).toString().length();
      if (size + length > LIMIT) {
        firsts.add(i);
        size = 0;
      }
      size += length;
    }
    CodeBlock.Builder dispatch = CodeBlock.builder();
    for (int group = 0; group < firsts.size(); group++) {
      int to = group + 1 < firsts.size() ? firsts.get(group + 1) : cases.size();
      type.addMethod(group(group, firsts.get(group), to));
      dispatch.beginControlFlow("if (step < $L)", to);
      dispatch.addStatement("steps$L(step, frame, part, parts)", group);
      dispatch.addStatement("return").endControlFlow();
    }
    dispatch.addStatement("throw new $T(step)", IndexOutOfBoundsException.class);
    type.addMethods(methods);
    type.addMethod(
        MethodSpec.methodBuilder("step")
            .addAnnotation(Override.class)
            .addModifiers(Modifier.PUBLIC)
            .addParameters(PARAMS)
            .addCode(dispatch.build())
            .build());
  }

  private MethodSpec group(int number, int from, int to) {
    CodeBlock.Builder body = CodeBlock.builder().beginControlFlow("switch (step)");
    cases.subList(from, to).forEach(body::add);
    body.add("default -> throw new $T(step);\n", IndexOutOfBoundsException.class);
    return MethodSpec.methodBuilder("steps" + number)
        .addModifiers(Modifier.PRIVATE)
        .addParameters(PARAMS)
        .addCode(body.endControlFlow().build())
        .build();
  }
}
