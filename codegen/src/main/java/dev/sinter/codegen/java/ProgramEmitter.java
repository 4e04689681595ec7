package dev.sinter.codegen.java;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.codegen.java.kernel.KernelEmitter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.ShapeException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Modifier;

/// Prints a lowered model as Java: the program that the runtime calls, its kernels for each tier,
/// and a typed facade.
public final class ProgramEmitter {
  private static final TypeName LONGS = ArrayTypeName.of(TypeName.LONG);

  private final ProgramSet set;
  private final GeneratedNames names;
  private final ModelSpec spec;
  private final List<BufferPlan> plans;

  /// An emitter of `set` under `names`.
  public ProgramEmitter(ProgramSet set, GeneratedNames names) {
    this.set = set;
    this.names = names;
    this.spec = ModelSpecs.of(set);
    BufferPlans bufferPlans = new BufferPlans(set, spec);
    this.plans = set.entries().stream().map(bufferPlans::of).toList();
  }

  /// What the model is to its callers.
  public ModelSpec spec() {
    return spec;
  }

  /// The plan of each entry's buffers.
  public List<BufferPlan> plans() {
    return plans;
  }

  /// The sources, in the order of their names.
  public List<SourceFile> emit() {
    List<SourceFile> files = new ArrayList<>();
    files.add(file(new FacadeEmitter(names, spec).type(), names.facade()));
    files.add(file(kernels(), names.kernelsType()));
    for (CpuTier tier : CpuTier.values()) {
      files.add(file(kernels(tier), names.kernelsType(tier)));
    }
    files.add(file(program(), names.program()));
    files.sort(java.util.Comparator.comparing(SourceFile::className));
    return files;
  }

  private SourceFile file(TypeSpec type, ClassName name) {
    String text =
        JavaFile.builder(name.packageName(), type)
            .skipJavaLangImports(true)
            .indent("  ")
            .build()
            .toString();
    return new SourceFile(name.canonicalName(), text);
  }

  /// The interface: one method for each kernel.
  private TypeSpec kernels() {
    TypeSpec.Builder type =
        TypeSpec.interfaceBuilder(names.kernelsType())
            .addJavadoc("The kernels of $L.\n", safeName())
            .addMethod(
                MethodSpec.methodBuilder("lanes")
                    .addJavadoc("The number of floats in a vector.\n")
                    .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                    .returns(int.class)
                    .build())
            .addMethod(
                MethodSpec.methodBuilder("warm")
                    .addJavadoc("Lets the JIT compile the large methods, on scratch memory.\n")
                    .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                    .addParameter(MemorySegment.class, "scratch")
                    .build());
    for (int i = 0; i < names.kernels().size(); i++) {
      type.addMethod(
          KernelSignature.of(set.kernels().get(i).loops(CpuTier.SCALAR), names.kernels().get(i))
              .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
              .build());
    }
    return type.build();
  }

  /// The kernels of a tier.
  private TypeSpec kernels(CpuTier tier) {
    String what =
        switch (tier) {
          case REGISTERS_32 -> "with tiles for 32 vector registers";
          case REGISTERS_16 -> "with tiles for 16 vector registers";
          case SCALAR -> "in plain Java";
        };
    TypeSpec.Builder type =
        TypeSpec.classBuilder(names.kernelsType(tier))
            .addJavadoc("The kernels of $L $L.\n", safeName(), what)
            .addModifiers(Modifier.FINAL)
            .addSuperinterface(names.kernelsType());
    KernelEmitter emitter = new KernelEmitter(tier);
    for (int i = 0; i < names.kernels().size(); i++) {
      emitter.add(type, names.kernels().get(i), set.kernels().get(i).loops(tier));
    }
    emitter.complete(type);
    return type.build();
  }

  private TypeSpec program() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(names.program())
            .addJavadoc("$L as the runtime calls it.\n", safeName())
            .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
            .addSuperinterface(dev.sinter.runtime.Program.class)
            .addField(
                FieldSpec.builder(ModelSpec.class, "SPEC")
                    .addModifiers(Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
                    .initializer("$T.parse($L)", ModelSpec.class, TextConstant.of(spec.text()))
                    .build())
            .addField(
                FieldSpec.builder(names.kernelsType(), "kernels")
                    .addModifiers(Modifier.PRIVATE, Modifier.FINAL)
                    .build());
    for (int i = 0; i < plans.size(); i++) {
      type.addField(
          FieldSpec.builder(BufferPlan.class, "PLAN_" + i)
              .addJavadoc("The buffers of $L.\n", SpanText.safe(set.entries().get(i).name()))
              .addModifiers(Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
              .initializer("$T.parse($L)", BufferPlan.class, TextConstant.of(plans.get(i).text()))
              .build());
    }
    type.addMethod(
        MethodSpec.constructorBuilder()
            .addJavadoc("The program with the kernels that run best here.\n")
            .addModifiers(Modifier.PUBLIC)
            .addStatement("kernels = kernels()")
            .build());
    type.addMethod(choice());
    addSpecAndPlan(type);
    addDispatch(type);
    StepEmitter steps = new StepEmitter(names);
    for (int i = 0; i < plans.size(); i++) {
      Program entry = set.entries().get(i);
      DimTable table = DimTable.of(entry, spec);
      String word = names.entries().get(i);
      EntryEmitter emitter = new EntryEmitter(entry, plans.get(i), table, word, steps.count());
      new BindEmitter(entry, plans.get(i), table, spec).addTo(type, word);
      emitter.addSizes(type);
      emitter.addRun(type);
      steps.addEntry(entry, emitter);
    }
    steps.addTo(type);
    new PackEmitter(set, spec, names).addTo(type);
    return type.addMethod(bytes()).build();
  }

  /// Each class is only loaded where it is chosen, so the scalar one needs no Vector API.
  private MethodSpec choice() {
    CodeBlock.Builder body =
        CodeBlock.builder()
            .beginControlFlow("return switch ($T.choose($S))", KernelTier.class, spec.name());
    for (CpuTier tier : CpuTier.values()) {
      body.add("case $L -> new $T();\n", tier.name(), names.kernelsType(tier));
    }
    return MethodSpec.methodBuilder("kernels")
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(names.kernelsType())
        .addCode(body.unindent().add("};\n").build())
        .build();
  }

  private void addSpecAndPlan(TypeSpec.Builder type) {
    type.addMethod(method("spec", ModelSpec.class).addStatement("return SPEC").build());
    CodeBlock.Builder body = CodeBlock.builder().beginControlFlow("return switch (entry)");
    for (int i = 0; i < plans.size(); i++) {
      body.add("case $L -> PLAN_$L;\n", i, i);
    }
    body.add("default -> throw new $T(entry);\n", IndexOutOfBoundsException.class);
    type.addMethod(
        method("plan", BufferPlan.class)
            .addParameter(int.class, "entry")
            .addCode(body.unindent().add("};\n").build())
            .build());
  }

  private void addDispatch(TypeSpec.Builder type) {
    type.addMethod(
        method("warm", void.class)
            .addParameter(MemorySegment.class, "scratch")
            .addStatement("kernels.warm(scratch)")
            .build());
    type.addMethod(
        method("bind", void.class)
            .addParameter(int.class, "entry")
            .addParameter(LONGS, "inputDims")
            .addParameter(LONGS, "dims")
            .beginControlFlow("try")
            .addCode(entrySwitch("bind", "inputDims, dims"))
            .nextControlFlow("catch ($T overflow)", ArithmeticException.class)
            .addStatement("throw new $T($S)", ShapeException.class, "the sizes are too large")
            .endControlFlow()
            .build());
    type.addMethod(
        method("sizes", void.class)
            .addParameter(int.class, "entry")
            .addParameter(LONGS, "dims")
            .addParameter(LONGS, "bytes")
            .beginControlFlow("try")
            .addCode(entrySwitch("sizes", "dims, bytes"))
            .nextControlFlow("catch ($T overflow)", ArithmeticException.class)
            .addStatement("throw new $T($S)", ShapeException.class, "the sizes are too large")
            .endControlFlow()
            .build());
    type.addMethod(
        method("run", void.class)
            .addParameter(int.class, "entry")
            .addParameter(Frame.class, "frame")
            .addCode(entrySwitch("run", "frame"))
            .build());
  }

  private CodeBlock entrySwitch(String name, String args) {
    CodeBlock.Builder body = CodeBlock.builder().beginControlFlow("switch (entry)");
    for (int i = 0; i < plans.size(); i++) {
      body.add("case $L -> $L$L($L);\n", i, name, names.entries().get(i), args);
    }
    body.add("default -> throw new $T(entry);\n", IndexOutOfBoundsException.class);
    return body.endControlFlow().build();
  }

  /// Kernels count the elements of a buffer in an `int`.
  private static MethodSpec bytes() {
    return MethodSpec.methodBuilder("bytes")
        .addJavadoc("The bytes of a buffer, whose elements a kernel counts in an int.\n")
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(long.class)
        .addParameter(ParameterSpec.builder(String.class, "name").build())
        .addParameter(long.class, "elements")
        .addParameter(int.class, "bits")
        .beginControlFlow("if (elements < 0 || elements > $T.MAX_VALUE - 64)", Integer.class)
        .addStatement(
            "throw new $T(name + $S + elements + $S)",
            ShapeException.class,
            " would have ",
            " elements, more than a kernel can count")
        .endControlFlow()
        .addStatement("return (elements * bits + 7) / 8")
        .build();
  }

  private String safeName() {
    return SpanText.safe(spec.name()).replace("@", " ");
  }

  private static MethodSpec.Builder method(String name, Class<?> result) {
    return MethodSpec.methodBuilder(name)
        .addAnnotation(Override.class)
        .addModifiers(Modifier.PUBLIC)
        .returns(result);
  }
}
