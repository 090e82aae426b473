namespace EdgeFace.Evaluation.Data;

/// <summary>One image of a template of IJB's.</summary>
/// <param name="Image">Index into <see cref="DataSet.Images"/>.</param>
/// <param name="Template">The number of its template.</param>
/// <param name="Media">The photograph or the video that the image is of; images of one medium are averaged first.</param>
public readonly record struct TemplateImage(int Image, int Template, int Media);

/// <summary>A template in a gallery or among the probes.</summary>
/// <param name="Template">The number of the template.</param>
/// <param name="Person">The number of its person.</param>
public readonly record struct TemplatePerson(int Template, int Person);

/// <summary>
/// Templates, the pairs of them to verify, and the galleries and probes to identify, all by the numbers that the data set gives the templates.
/// </summary>
public sealed class TemplateProtocol
{
    internal TemplateProtocol(IReadOnlyList<int> templates, IReadOnlyList<TemplateImage> images, int listedImages)
        => (Templates, Images, ListedImages) = (templates, images, listedImages);

    /// <summary>The numbers of all templates, ascending; also of those without an image that is there, which are failures to acquire.</summary>
    public IReadOnlyList<int> Templates { get; }

    /// <summary>The images of templates that are there, in the order of the list. An image may be of several templates.</summary>
    public IReadOnlyList<TemplateImage> Images { get; }

    /// <summary>How many images of templates the list names.</summary>
    public int ListedImages { get; }

    /// <summary>The pairs of the 1:1 protocol; empty where the list is not there.</summary>
    public IReadOnlyList<TemplatePair> Pairs { get; internal init; } = [];

    /// <summary>The first gallery of the 1:N protocol; empty where the list is not there.</summary>
    public IReadOnlyList<TemplatePerson> Gallery1 { get; internal init; } = [];

    /// <summary>The second gallery, of other people.</summary>
    public IReadOnlyList<TemplatePerson> Gallery2 { get; internal init; } = [];

    /// <summary>The probes, of people of both galleries.</summary>
    public IReadOnlyList<TemplatePerson> Probes { get; internal init; } = [];
}
