// What fhir-kit-client makes of a facade: node clients.mjs <base> <token>; prints one JSON object.
import { CapabilityTool, Client } from 'fhir-kit-client'

const [baseUrl, bearerToken] = process.argv.slice(2)
const client = new Client({ baseUrl })
client.bearerToken = bearerToken
const told = {}

const statement = await client.capabilityStatement()
const can = new CapabilityTool(statement)
told.transaction = Boolean(can.serverCan('transaction'))
told.searches = Boolean(can.resourceCan('Patient', 'search-type'))
told.smart = await client.smartAuthMetadata()

const first = await client.search({ resourceType: 'Patient', searchParams: { _count: '1', _sort: 'family' } })
const second = await client.nextPage({ bundle: first })
told.pages = [first, second].map(page => page.entry[0].resource.id)
const patient = told.pages[0]
told.read = (await client.read({ resourceType: 'Patient', id: patient })).id
told.compartment = (
  await client.compartmentSearch({ resourceType: 'QuestionnaireResponse', compartment: { resourceType: 'Patient', id: patient } })
).type

const made = await client.create({ resourceType: 'Organization', body: { resourceType: 'Organization', name: 'A' } })
const changed = await client.update({ resourceType: 'Organization', id: made.id, body: { ...made, name: 'B' } })
const patched = await client.patch({
  resourceType: 'Organization', id: made.id, jsonPatch: [{ op: 'replace', path: '/name', value: 'C' }],
})
told.versions = [made, changed, patched].map(one => `${one.meta.versionId}:${one.name}`)
told.history = (await client.history({ resourceType: 'Organization', id: made.id })).total
told.vread = (await client.vread({ resourceType: 'Organization', id: made.id, version: '1' })).name
await client.delete({ resourceType: 'Organization', id: made.id })
told.gone = await client.read({ resourceType: 'Organization', id: made.id }).catch(problem => problem.response.status)

const number = 'urn:uuid:0a4f3a2e-6f0c-4a55-9b43-7f0b7f2c1d11'
const organization = name => ({ resourceType: 'Organization', name })
const answer = await client.transaction({
  body: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: number, resource: organization('parent'), request: { method: 'POST', url: 'Organization' } },
      {
        resource: { ...organization('child'), partOf: { reference: number } },
        request: { method: 'POST', url: 'Organization' },
      },
    ],
  },
})
told.transacted = answer.entry.map(entry => entry.response.status.slice(0, 3))
const expanded = await client.operation({
  name: 'expand', resourceType: 'ValueSet', method: 'GET', input: { url: process.argv[4] },
})
told.expanded = expanded.expansion.contains.length
console.log(JSON.stringify(told))
