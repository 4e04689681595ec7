package dev.sinter.codegen.java;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.lang.model.element.Modifier;

/// Prints the typed facade: a method for each entry, with a parameter for each input and a record
/// of the results.
final class FacadeEmitter {
  private final GeneratedNames names;
  private final ModelSpec spec;

  FacadeEmitter(GeneratedNames names, ModelSpec spec) {
    this.names = names;
    this.spec = spec;
  }

  /// The class.
  TypeSpec type() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(names.facade())
            .addJavadoc(
                "The model $L, ready to be called.\n\n"
                    + "<p>For one caller at a time; {@link #fork} makes another for a second one,"
                    + " which shares the\nweights.\n",
                SpanText.safe(spec.name()).replace("@", " "))
            .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
            .addSuperinterface(AutoCloseable.class)
            .addField(Model.class, "model", Modifier.PRIVATE, Modifier.FINAL)
            .addField(Session.class, "session", Modifier.PRIVATE, Modifier.FINAL)
            .addField(boolean.class, "ownsModel", Modifier.PRIVATE, Modifier.FINAL)
            .addMethod(
                MethodSpec.constructorBuilder()
                    .addModifiers(Modifier.PRIVATE)
                    .addParameter(Model.class, "model")
                    .addParameter(Session.class, "session")
                    .addParameter(boolean.class, "ownsModel")
                    .addStatement("this.model = model")
                    .addStatement("this.session = session")
                    .addStatement("this.ownsModel = ownsModel")
                    .build());
    addLoaders(type);
    JavaNames methods = new JavaNames(List.of("load", "fork", "model", "session", "close", "of"));
    for (int i = 0; i < spec.entries().size(); i++) {
      addEntry(type, spec.entries().get(i), names.entries().get(i), methods);
    }
    addAccessors(type);
    return type.build();
  }

  private void addLoaders(TypeSpec.Builder type) {
    type.addMethod(
        loader("Loads the model with the weights of its JAR, on all processors.")
            .addException(IOException.class)
            .addStatement(
                "return load($T.getRuntime().availableProcessors())",
                ClassName.get("java.lang", "Runtime"))
            .build());
    type.addMethod(
        loader("Loads the model with the weights of its JAR, on so many threads.")
            .addException(IOException.class)
            .addParameter(int.class, "threads")
            .addStatement("return of($T.of(new $T()), threads)", Model.class, names.program())
            .build());
    type.addMethod(
        withGiven(
                "Loads the model with weights from a file, on all processors.",
                TypeName.get(Path.class))
            .addException(IOException.class)
            .build());
    type.addMethod(
        withGiven(
                "Loads the model with these weights by name, on all processors.",
                ParameterizedTypeName.get(Map.class, String.class, Tensor.class))
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("of")
            .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
            .returns(names.facade())
            .addParameter(Model.class, "model")
            .addParameter(int.class, "threads")
            .addStatement("return new $T(model, model.session(threads), true)", names.facade())
            .build());
  }

  private MethodSpec.Builder withGiven(String what, TypeName weights) {
    return loader(what)
        .addParameter(weights, "weights")
        .addStatement(
            "return of($T.of(new $T(), weights), $T.getRuntime().availableProcessors())",
            Model.class,
            names.program(),
            ClassName.get("java.lang", "Runtime"));
  }

  private MethodSpec.Builder loader(String what) {
    return MethodSpec.methodBuilder("load")
        .addJavadoc("$L\n", what)
        .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
        .returns(names.facade());
  }

  private void addEntry(TypeSpec.Builder type, EntrySpec entry, String word, JavaNames methods) {
    MethodSpec.Builder method =
        MethodSpec.methodBuilder(methods.member(entry.name())).addModifiers(Modifier.PUBLIC);
    method.addJavadoc("Runs $L.\n\n", SpanText.safe(entry.name()).replace("@", " "));
    JavaNames params = new JavaNames(List.of("results"));
    CodeBlock.Builder inputs = CodeBlock.builder();
    for (TensorSpec input : entry.inputs()) {
      String param = params.member(input.name());
      method.addParameter(ParameterSpec.builder(Tensor.class, param).build());
      method.addJavadoc("@param $L $L\n", param, input.type());
      inputs.add(
          "$L$T.entry($S, $L)", inputs.isEmpty() ? "" : ",\n", Map.class, input.name(), param);
    }
    CodeBlock run =
        CodeBlock.of(
            "session.run($S, $T.ofEntries($>$>$L$<$<))", entry.name(), Map.class, inputs.build());
    if (entry.outputs().isEmpty()) {
      type.addMethod(method.addStatement("$L", run).build());
      return;
    }
    ClassName record = names.facade().nestedClass(word);
    type.addType(results(entry, record));
    JavaNames components = new JavaNames();
    CodeBlock.Builder args = CodeBlock.builder();
    for (TensorSpec output : entry.outputs()) {
      method.addJavadoc("@return $L $L\n", components.member(output.name()), output.type());
      args.add("$Lresults.get($S)", args.isEmpty() ? "" : ",\n", output.name());
    }
    TypeName map =
        com.palantir.javapoet.ParameterizedTypeName.get(Map.class, String.class, Tensor.class);
    type.addMethod(
        method
            .returns(record)
            .addStatement("$T results =\n$L", map, run)
            .addStatement("return new $T($>$>$L$<$<)", record, args.build())
            .build());
  }

  private TypeSpec results(EntrySpec entry, ClassName name) {
    MethodSpec.Builder components = MethodSpec.constructorBuilder();
    JavaNames words = new JavaNames();
    TypeSpec.Builder record =
        TypeSpec.recordBuilder(name)
            .addModifiers(Modifier.PUBLIC)
            .addJavadoc("The results of $L.\n\n", SpanText.safe(entry.name()).replace("@", " "));
    for (TensorSpec output : entry.outputs()) {
      String word = words.member(output.name());
      components.addParameter(Tensor.class, word);
      record.addJavadoc("@param $L $L\n", word, output.type());
    }
    return record.recordConstructor(components.build()).build();
  }

  private void addAccessors(TypeSpec.Builder type) {
    type.addMethod(
        MethodSpec.methodBuilder("fork")
            .addJavadoc("Another caller's view of this model, with its states as they are now.\n")
            .addModifiers(Modifier.PUBLIC)
            .returns(names.facade())
            .addStatement("return new $T(model, session.fork(), false)", names.facade())
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("model")
            .addJavadoc("The model without types.\n")
            .addModifiers(Modifier.PUBLIC)
            .returns(Model.class)
            .addStatement("return model")
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("session")
            .addJavadoc("The session that calls go through.\n")
            .addModifiers(Modifier.PUBLIC)
            .returns(Session.class)
            .addStatement("return session")
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("close")
            .addJavadoc("Ends the session, and frees the weights where this loaded them.\n")
            .addAnnotation(Override.class)
            .addModifiers(Modifier.PUBLIC)
            .addStatement("session.close()")
            .beginControlFlow("if (ownsModel)")
            .addStatement("model.close()")
            .endControlFlow()
            .build());
  }
}
