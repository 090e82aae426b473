using EdgeFace.Gallery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFace.People;

/// <summary>EdgeFace in a program that is built on Microsoft.Extensions, such as ASP.NET Core.</summary>
public static class EdgeFaceServices
{
    /// <summary>
    /// Adds a <see cref="FacePipeline"/>, a <see cref="Decision"/>, and for programs with a gallery an <see cref="IGallery"/> and a
    /// <see cref="PeopleGallery"/>: each opened once and closed with the container. What is configured is checked when the program starts; that
    /// opens the models. Galleries besides files need their store, as in
    /// <c>services.AddSingleton&lt;IGalleryStore&gt;(PostgresStore.Instance)</c>.
    /// </summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddEdgeFace(this IServiceCollection services, Action<EdgeFaceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<EdgeFaceOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EdgeFaceOptions>, EdgeFaceOptionsCheck>());
        services.TryAddSingleton<OpenedModels>();
        services.TryAddSingleton(OpenPipeline);
        services.TryAddSingleton(all => Decision.For(all.GetRequiredService<FacePipeline>(), OptionsOf(all).ToDecision()));
        services.TryAddSingleton(OpenGallery);
        services.TryAddSingleton(all => new PeopleGallery(all.GetRequiredService<IGallery>(), all.GetRequiredService<FacePipeline>(),
            all.GetRequiredService<Decision>(), LoggerOf<PeopleGallery>(all), all.GetService<TimeProvider>()));
        return services;
    }

    /// <summary>As <see cref="AddEdgeFace(IServiceCollection, Action{EdgeFaceOptions}?)"/>, with options from configuration.</summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="configuration">Has the options' names as keys: <c>builder.Configuration.GetSection("EdgeFace")</c>.</param>
    public static IServiceCollection AddEdgeFace(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddEdgeFace(options => configuration.Bind(options));
    }

    static FacePipeline OpenPipeline(IServiceProvider all)
    {
        var pipeline = all.GetRequiredService<OpenedModels>().Of(OptionsOf(all).ToPipeline());
        LoggerOf<FacePipeline>(all).ModelsOpened(pipeline.Card.Name, pipeline.Card.Version, pipeline.Embedder.Kernels);
        return pipeline;
    }

    static IGallery OpenGallery(IServiceProvider all)
    {
        var options = OptionsOf(all);
        var address = EdgeFaceOptionsCheck.Address(options, all.GetServices<IGalleryStore>())
            ?? throw new UsageException($"there is no gallery: set {nameof(EdgeFaceOptions)}.{nameof(EdgeFaceOptions.Gallery)}.");
        var opened = address.OpenOrCreateAsync(all.GetRequiredService<FacePipeline>(), options.MostSamplesPerPerson).GetAwaiter().GetResult();
        LoggerOf<PeopleGallery>(all).GalleryOpened(address.Name, opened.Gallery.Info.Persons, opened.IsNew);
        return opened.Gallery;
    }

    static EdgeFaceOptions OptionsOf(IServiceProvider all) => all.GetRequiredService<IOptions<EdgeFaceOptions>>().Value;

    static ILogger<T> LoggerOf<T>(IServiceProvider all)
        => all.GetService<ILoggerFactory>() is { } factory ? new Logger<T>(factory) : NullLogger<T>.Instance;
}
