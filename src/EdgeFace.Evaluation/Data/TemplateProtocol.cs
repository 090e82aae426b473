namespace EdgeFace.Evaluation.Data;

/// <summary>One image of a template.</summary>
/// <param name="Image">Index into <see cref="DataSet.Images"/>.</param>
/// <param name="Media">The photograph or the video that the image is of; images of one media are averaged first.</param>
public readonly record struct TemplateImage(int Image, int Media);

/// <summary>A template of IJB: images of one person that are compared as one.</summary>
/// <param name="Id">The number that the data set gives it.</param>
/// <param name="Images">Its images that are there; may be empty, which is a failure to acquire.</param>
/// <param name="ListedImages">How many images the data set names.</param>
public sealed record DataTemplate(int Id, IReadOnlyList<TemplateImage> Images, int ListedImages);

/// <summary>Two templates and whether they are of one person.</summary>
/// <param name="A">Index into <see cref="TemplateProtocol.Templates"/>.</param>
/// <param name="B">Index into <see cref="TemplateProtocol.Templates"/>.</param>
/// <param name="Same">Whether both are of one person.</param>
public readonly record struct TemplatePair(int A, int B, bool Same);

/// <summary>A template in a gallery or among the probes.</summary>
/// <param name="Template">Index into <see cref="TemplateProtocol.Templates"/>.</param>
/// <param name="Person">The number of its person.</param>
public readonly record struct TemplatePerson(int Template, int Person);

/// <summary>Templates, the pairs of them to verify, and the galleries and probes to identify.</summary>
public sealed class TemplateProtocol
{
    internal TemplateProtocol(IReadOnlyList<DataTemplate> templates, IReadOnlyList<TemplatePair> pairs) => (Templates, Pairs) = (templates, pairs);

    /// <summary>The templates in the order of their numbers.</summary>
    public IReadOnlyList<DataTemplate> Templates { get; }

    /// <summary>The pairs of the 1:1 protocol; empty where the list is not there.</summary>
    public IReadOnlyList<TemplatePair> Pairs { get; }

    /// <summary>The first gallery of the 1:N protocol; empty where the list is not there.</summary>
    public IReadOnlyList<TemplatePerson> Gallery1 { get; internal init; } = [];

    /// <summary>The second gallery, of other people.</summary>
    public IReadOnlyList<TemplatePerson> Gallery2 { get; internal init; } = [];

    /// <summary>The probes, of people of both galleries.</summary>
    public IReadOnlyList<TemplatePerson> Probes { get; internal init; } = [];
}
